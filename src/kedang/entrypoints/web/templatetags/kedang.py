"""Words, numbers, sizes, days and icons in templates, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from kedang.entrypoints.web import texts
from kedang.records.days import said_day
from kedang.records.errors import code_texts

register = template.Library()
Context = template.Context


def _language(context: Context) -> str:
    return str(context.get("language") or "zh")


@register.simple_tag(takes_context=True)
def say(context: Context, key: str, **values: Any) -> str:
    """The text of `key`."""
    return conditional_escape(texts.say(key, _language(context), **values))


@register.simple_tag(takes_context=True)
def say_in(context: Context, group: str, word: str, **values: Any) -> str:
    """The text of `<group>-<word>`; the word itself where it has none, as of a newer kind."""
    known = f"{group}-{word}" in texts.web_texts()
    return say(context, f"{group}-{word}", **values) if known else conditional_escape(word)


@register.simple_tag(takes_context=True)
def say_of(context: Context, beginning: str, key: str, **values: Any) -> str:
    """The text whose key has this beginning: `{% say_of "web.class-" record.record_class %}`."""
    return say(context, f"{beginning}{key}", **values)


@register.simple_tag(takes_context=True)
def say_code(context: Context, code: str) -> str:
    """What a code means."""
    known = code_texts().get(code)
    return conditional_escape(known.said(_language(context)) if known else code)


@register.simple_tag(takes_context=True)
def next_step(context: Context, code: str) -> str:
    """What to do about a code."""
    return conditional_escape(texts.next_step(code, _language(context)))


@register.simple_tag(takes_context=True)
def day(context: Context, when: date | str | None) -> str:
    """A day, or the day of what is written ISO 8601; a dash for none."""
    known = date.fromisoformat(when[:10]) if isinstance(when, str) and when else when
    return said_day(known, _language(context)) if isinstance(known, date) else "—"


@register.simple_tag(takes_context=True)
def moment(context: Context, when: datetime | None) -> str:
    """A moment in the case's time zone; a dash for none."""
    zone = ZoneInfo(str(context.get("time_zone") or "Asia/Shanghai"))
    return texts.moment(when.astimezone(zone), _language(context)) if when else "—"


@register.simple_tag(takes_context=True)
def joined(context: Context, some: Iterable[object]) -> str:
    """Several names in a row."""
    return texts.say("web.and", _language(context)).join(map(str, some))


@register.filter
def number(value: int | None) -> str:
    """A whole number with separators; a dash for none."""
    return "—" if value is None else f"{value:,}"


@register.filter
def size(value: int | None) -> str:
    """A size in bytes."""
    return "—" if value is None else texts.size(value)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite, hidden from readers: the words beside it say the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("kedang/icons.svg"),
        name,
    )


@register.filter
def tabler(field: BoundField) -> SafeString:
    """A field of a form with the classes of the kit, told about its help and its faults."""
    kind = getattr(field.field.widget, "input_type", "text")
    styled = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}
    told: dict[str, str | bool] = {
        "class": styled.get(kind, "form-control") + (" is-invalid" if field.errors else "")
    }
    if field.errors or field.help_text:
        told["aria-describedby"] = f"{field.auto_id}-help"
    return field.as_widget(attrs=told)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the field is a box to tick: its label follows it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox"


@register.simple_tag(takes_context=True)
def say_browser(context: Context, code: str) -> str:
    """A kind of browser on a kind of system."""
    browser, _, system = code.partition("-")
    language = _language(context)
    said = (
        texts.say(f"account.browser-{browser}", language),
        texts.say(f"account.system-{system}", language),
    )
    return conditional_escape(" · ".join(said))


@register.simple_tag(takes_context=True)
def passkey_name(context: Context, kind: str) -> str:
    """Where a passkey is kept."""
    return conditional_escape(texts.say(f"account.passkey-{kind}", _language(context)))
