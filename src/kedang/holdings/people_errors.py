"""What can go wrong with people, permissions and the work they ask for. Texts for people are in errors.toml."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class LoginTaken(KedangError):
    """Another account has this sign-in name; choose another."""

    code = "KD-H301"
    kind = Kind.CONFLICT


class ReasonMissing(KedangError):
    """What is covered is shown for a reason only; say it."""

    code = "KD-H303"
    kind = Kind.MALFORMED


class JobRunning(KedangError):
    """Work of this kind is waiting or running already; `job` names it."""

    code = "KD-H304"
    kind = Kind.CONFLICT


class JobLost(KedangError):
    """The process of this work died three times; what was committed stays. Look at its code and begin it again."""

    code = "KD-H305"
    kind = Kind.UNAVAILABLE


class JobStopped(KedangError):
    """Somebody asked the work to stop; what was committed stays, and it can be begun again."""

    code = "KD-H306"
    kind = Kind.UNAVAILABLE


class OwnGrants(KedangError):
    """Nobody changes what he himself may do; another security officer has to."""

    code = "KD-H311"
    kind = Kind.REFUSED


class LastOfDuty(KedangError):
    """Without this person nobody would give permissions, or keep the accounts; appoint another one first."""

    code = "KD-H312"
    kind = Kind.CONFLICT


class NoSuchPerson(KedangError):
    """There is no such account, grant or session; load the list again."""

    code = "KD-H313"
    kind = Kind.NOT_FOUND


class DutyFilled(KedangError):
    """Somebody has this duty already; he and his like decide on others from now on."""

    code = "KD-H314"
    kind = Kind.CONFLICT


class PasswordWeak(KedangError):
    """The password is too short, too common or made of the person's own name; choose a longer one."""

    code = "KD-H315"
    kind = Kind.MALFORMED


class GrantMalformed(KedangError):
    """A role, class, sensitivity, source, customer or record of the grant is not known; `part` says which."""

    code = "KD-H316"
    kind = Kind.MALFORMED


class NotADemo(KedangError):
    """Only a demonstration case can be thrown away; a real one ends by disposition and transfer."""

    code = "KD-H317"
    kind = Kind.REFUSED


class TokenWrong(KedangError):
    """The one-time token of the first set-up is not this one; it stands in the window where the door was started."""

    code = "KD-H318"
    kind = Kind.REFUSED


class ReviewPending(KedangError):
    """Records wait for review; accept them or send them back before the review is switched off."""

    code = "KD-H319"
    kind = Kind.CONFLICT


class GateUnknown(KedangError):
    """A case has no such gate."""

    code = "KD-H307"
    kind = Kind.NOT_FOUND


class GateFailing(KedangError):
    """`failing` things are in the way of `gate`; mend them, or skip it with a reason and under your name."""

    code = "KD-H308"
    kind = Kind.CONFLICT


class TokenTooLong(KedangError):
    """A token holds for a year at most, and not for days that have passed; choose another last day."""

    code = "KD-H309"
    kind = Kind.MALFORMED


class TokenRefused(KedangError):
    """The token is not known here, or has ended."""

    code = "KD-H310"
    kind = Kind.REFUSED
