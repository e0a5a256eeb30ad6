"""Forms of signing in, in our words; of passkeys, which are called by their kind so that nobody types a name."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import get_language

from kedang.entrypoints.web.texts import say


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """Sign-in name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, key in (("login", "account.login"), ("password", "account.password")):
            self.fields[name].label = say(key, get_language() or "zh")
            self.fields[name].widget.attrs.pop("placeholder", None)


class AnotherPassword(ChangePasswordForm):  # type: ignore[misc]
    """The password of now, and twice the one that takes its place; the rules once, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "zh"
        for name, key in (("oldpassword", "now"), ("password1", "new"), ("password2", "again")):
            self.fields[name].label = say(f"account.password-{key}", language)
            self.fields[name].widget.attrs.pop("placeholder", None)
            self.fields[name].help_text = ""
        self.fields["password1"].help_text = say("account.password-rules", language)


class FirstCode(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator application."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = say("account.totp-code", get_language() or "zh")
        self.fields["code"].widget.attrs.pop("placeholder", None)


class Code(AuthenticateForm):  # type: ignore[misc]
    """A code of an authenticator application, or one for when it is lost."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = say("account.code-or-recovery", get_language() or "zh")
        self.fields["code"].widget.attrs.pop("placeholder", None)


KINDS = ("computer", "phone", "key", "other")


def _choices() -> list[tuple[str, str]]:
    return [(kind, say(f"account.passkey-{kind}", get_language() or "zh")) for kind in KINDS]


def _label() -> str:
    return say("account.passkey-kind", get_language() or "zh")


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A new passkey or security key."""

    name = forms.ChoiceField(choices=_choices, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "zh"
        self.fields["name"].label = _label()
        self.initial["name"] = KINDS[0]
        self.fields["passwordless"].label = say("account.passkey-alone", language)
        self.fields["passwordless"].help_text = say("account.passkey-alone-help", language)
        self.initial["passwordless"] = True

    def clean_name(self) -> str:
        """One of the kinds."""
        return self.cleaned_data["name"] or KINDS[-1]


class EditPasskey(EditWebAuthnForm):  # type: ignore[misc]
    """Another kind for a passkey."""

    name = forms.ChoiceField(choices=_choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _label()
