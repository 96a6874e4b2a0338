"""Signing in and out: password, one-time code, sessions, classroom computers."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from datetime import timedelta

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.server.secrets import secret
from qingfu.units.actions.links import hash_of
from qingfu.units.actions.trail import audit
from qingfu.units.actions.tries import count_try, give_back_try
from qingfu.units.models import Person, Token
from qingfu.units.passwords import initial_password, recipe_of_nobody, stretch
from qingfu.units.queries import (
    SIGN_IN_KINDS,
    Actor,
    is_administrator,
    person_in_scope,
    plain_code,
    recovery_verbs,
    require,
    tokens_of,
)

TOTP_STEP_SECONDS = 30
TOTP_TOLERANCE = (-1, 0, 1)
NONCE = re.compile("[0-9a-f]{32}")
ACCOUNTS_OF_A_BROWSER = 10
"""So many people may share a computer of the staff room and still be known on it."""


def prove_password(
    unit_code: str, account: str, password: str, address: str, device: str = ""
) -> tuple[int, int] | None:
    """(tenant id, person id) if the password is right, else None: an unknown account takes the same work.

    Failures are counted tightly for the account from one address, loosely for the account from anywhere and for the
    address. A browser that has signed in to this account before (``device``, its cookie) is counted by itself: so
    nobody locks the owner out by guessing. Raises TooManyTries.
    """
    unit_code, account = plain_code(unit_code), plain_code(account).lower()
    counters = _counters(f"{unit_code}/{account}", address, device)
    for kind, key, tries in counters:
        count_try(kind, key, *tries)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy.password_recipe(%s, %s)", [unit_code, account])
        recipe = cursor.fetchone()[0] or recipe_of_nobody(unit_code, account)
        cursor.execute(
            "SELECT * FROM tenancy.authenticate(%s, %s, %s)", [unit_code, account, stretch(password, recipe)]
        )
        found = cursor.fetchone()
    if found:
        for kind, key, _tries in counters:
            give_back_try(kind, key)
    return found


def _counters(account: str, address: str, device: str) -> list[tuple[str, str, tuple[int, int]]]:
    """(kind, key, (tries, seconds)) of every counter that a try counts in."""
    tries = settings.SIGN_IN_TRIES
    if knows(device, account):
        return [("sign_in_device", f"{device[:32]}/{account}", tries["device"])]
    longer = [(f"sign_in_account_{n}", account, one) for n, one in enumerate(tries["account"])]
    here = ("sign_in_here", f"{account}@{address}", tries["here"])
    return [here, ("sign_in_address", address, tries["address"]), *longer]


# ---- browsers that have signed in before ----


def remember(device: str, unit_code: str, account: str) -> str:
    """The cookie of a browser that has just given the right password: what it was (``device``), and this account.

    A random number and a keyed hash of it with each account, the latest first. Nothing of it is stored here, and no
    account can be read from it.
    """
    nonce, _dot, marks = device.partition(".")
    if not NONCE.fullmatch(nonce):
        nonce, marks = secrets.token_hex(16), ""
    own = _mark(nonce, f"{plain_code(unit_code)}/{plain_code(account).lower()}")
    others = [mark for mark in marks.split(".") if mark and mark != own]
    return ".".join([nonce, own, *others[: ACCOUNTS_OF_A_BROWSER - 1]])


def knows(device: str, account: str) -> bool:
    """Whether ``device`` is the cookie of a browser that has signed in to ``account`` ("unit code/account")."""
    nonce, _dot, marks = device.partition(".")
    return bool(NONCE.fullmatch(nonce)) and _mark(nonce, account) in marks.split(".")[:ACCOUNTS_OF_A_BROWSER]


def _mark(nonce: str, account: str) -> str:
    return hmac.new(secret("devices"), f"{nonce}/{account}".encode(), "sha256").hexdigest()[:32]


# ---- from the password to the session ----


def begin_sign_in(person: Person, device: str) -> tuple[str, str]:
    """After the password: (kind, cookie value) of a session, or of the step that must come before it."""
    return _next_step(person, device, code_given=False)


def give_code(person: Person, token_id: int, code: str, device: str) -> tuple[str, str] | None:
    """After the one-time code: the next (kind, cookie value). None if the code is wrong or was used before."""
    if not _use_code(person, code):
        return None
    _revoke(Token.objects.filter(pk=token_id))
    return _next_step(person, device, code_given=True)


def finish_setup(person: Person, token_id: int, device: str, code_given: bool = False) -> tuple[str, str]:
    """After a new password or (``code_given``) a first code: the next (kind, cookie value)."""
    step = Token.objects.filter(pk=token_id)
    code_given = code_given or step.filter(code_given=True).exists()
    _revoke(step)
    return _next_step(person, device, code_given)


def _next_step(person: Person, device: str, code_given: bool) -> tuple[str, str]:
    kind = _owed(person, code_given)
    lifetime = settings.SIGN_IN_STEP_LIFETIME if kind != Token.Kind.SESSION else lifetime_for(person)
    return kind, open_session(person, device, lifetime, kind, code_given)


def _owed(person: Person, code_given: bool) -> str:
    administers = is_administrator(person)
    if administers and person.totp_since and not code_given:
        return Token.Kind.CODE
    if person.must_change_password or (administers and not person.totp_since):
        return Token.Kind.SETUP
    return Token.Kind.SESSION


def lifetime_for(person: Person) -> timedelta:
    """How long a session of ``person`` lasts: shorter for those who administer."""
    return settings.ADMINISTRATOR_SESSION_LIFETIME if is_administrator(person) else settings.SESSION_LIFETIME


def open_session(
    person: Person, device: str, lifetime: timedelta, kind: str = Token.Kind.SESSION, code_given: bool = False
) -> str:
    """A new session of ``person``; returns the cookie's value, which is kept nowhere.

    Without ``code_given`` the roles of administrators do not count in it.
    """
    plain = secrets.token_urlsafe(24)
    Token.objects.create(
        hash=hash_of(plain),
        kind=kind,
        subject_id=person.pk,
        device=device[:60],
        code_given=code_given,
        expires_at=timezone.now() + lifetime,
    )
    return plain


# ---- passwords ----


def change_password(person: Person, new: str, keep_token: int | None = None) -> None:
    """Set a password of one's own and end every other session. Raises ValidationError with what is wrong with it."""
    validate_password(new, person)
    person.password = make_password(new)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    _revoke(tokens_of(person).exclude(pk=keep_token))
    audit(_self(person), "change_password", kind="person", object_id=person.pk, unit_id=person.unit_id)


def change_own_password(actor: Actor, old: str, new: str) -> None:
    """Change one's password, which one must know. Raises ValidationError, TooManyTries."""
    person = Person.objects.get(pk=actor.person_id)
    count_try("own_password", str(person.pk), *settings.SIGN_IN_TRIES["code"])
    if not check_password(old, person.password):
        raise ValidationError(_("现在的密码不对。"), code="wrong_password")
    give_back_try("own_password", str(person.pk))
    change_password(person, new, keep_token=actor.token_id)


def issue_initial_passwords(actor: Actor, people: list[Person]) -> list[tuple[Person, str]]:
    """New passwords for ``people``, to print once; each must be changed at the next sign-in.

    Needs ``issue_passwords`` over each of them. Ends their sessions. Nothing but the hash is kept.
    """
    issued = []
    for person in people:
        _require_over(actor, "issue_passwords", person)
        plain = initial_password()
        person.password = make_password(plain)
        person.must_change_password = True
        issued.append((person, plain))
    Person.objects.bulk_update(people, ["password", "must_change_password"])
    _revoke(Token.objects.filter(kind__in=SIGN_IN_KINDS, subject_id__in=[person.pk for person in people]))
    for person in people:
        audit(actor, "issue_password", kind="person", object_id=person.pk, unit_id=person.unit_id)
    return issued


# ---- one-time codes (TOTP, RFC 6238) ----


def totp_of(person: Person) -> pyotp.TOTP:
    """The code generator of ``person``. Derived, like links: a stolen database brings no second factor with it."""
    message = f"{person.tenant_id}.{person.pk}.{person.totp_generation}".encode()
    digest = hmac.new(secret("totp"), message, "sha256").digest()
    return pyotp.TOTP(base64.b32encode(digest[:20]).decode(), name=person.account, issuer="轻负")


def enrol_code(person: Person, code: str) -> bool:
    """Take the first code of a new authenticator. False if it is wrong."""
    if not _use_code(person, code):
        return False
    person.totp_since = timezone.now()
    person.save(update_fields=["totp_since"])
    audit(_self(person), "enrol_code", kind="person", object_id=person.pk, unit_id=person.unit_id)
    return True


def reset_code(actor: Actor, person: Person) -> None:
    """A lost authenticator: the next sign-in enrols a new one. Needs ``issue_passwords`` over the person."""
    _require_over(actor, "issue_passwords", person)
    person.totp_generation += 1
    person.totp_since = None
    person.save(update_fields=["totp_generation", "totp_since"])
    _revoke(tokens_of(person))
    audit(actor, "reset_code", kind="person", object_id=person.pk, unit_id=person.unit_id)


def _use_code(person: Person, code: str) -> bool:
    """Whether the code is right and newer than the last one that was taken; it is then used up."""
    totp, now = totp_of(person), int(timezone.now().timestamp()) // TOTP_STEP_SECONDS
    given = plain_code(code).replace(" ", "")
    right = [now + shift for shift in TOTP_TOLERANCE if _same(totp.generate_otp(now + shift), given)]
    fresh = Person.objects.filter(pk=person.pk, totp_step__lt=right[0]) if right else Person.objects.none()
    return fresh.update(totp_step=right[0]) == 1 if right else False


def _same(right: str, given: str) -> bool:
    """In a time that tells nothing; as bytes, since text that is not ASCII cannot be compared so."""
    return hmac.compare_digest(right.encode(), given.encode())


# ---- classroom computers ----


def sign_in_screen(actor: Actor, screen_hash: bytes, device: str) -> Token:
    """Let the classroom computer whose cookie hashes to ``screen_hash`` act for ``actor`` for one lesson.

    Raises IntegrityError if that screen was signed in before.
    """
    token = Token.objects.create(
        hash=screen_hash,
        kind=Token.Kind.SCREEN,
        subject_id=actor.person_id,
        device=device[:60],
        expires_at=timezone.now() + settings.SCREEN_SESSION_LIFETIME,
    )
    audit(actor, "sign_in_screen", kind="person", object_id=actor.person_id, unit_id=actor.unit_id)
    return token


# ---- ending sessions ----


def sign_out(actor: Actor) -> None:
    """End the session that ``actor`` uses."""
    _revoke(Token.objects.filter(pk=actor.token_id))


def cut_off_session(actor: Actor, token_id: int) -> int:
    """End one of one's own sessions (a lost phone, a classroom computer). Returns 1, or 0 if it was not live."""
    count = _revoke(Token.objects.filter(pk=token_id, kind__in=SIGN_IN_KINDS, subject_id=actor.person_id))
    audit(actor, "cut_off_session", kind="person", object_id=actor.person_id, unit_id=actor.unit_id, count=count)
    return count


def cut_off_person(actor: Actor, person: Person) -> int:
    """End every session of ``person``. Needs ``cut_off`` at the person's unit. Returns how many were live."""
    person_in_scope(actor, "cut_off", person.pk)
    count = _revoke(tokens_of(person))
    audit(actor, "cut_off_person", kind="person", object_id=person.pk, unit_id=person.unit_id, count=count)
    return count


def _revoke(tokens) -> int:
    return tokens.filter(revoked_at=None).update(revoked_at=timezone.now())


def _require_over(actor: Actor, verb: str, person: Person) -> None:
    """``verb`` at the person's unit, and over somebody else who administers what ``recovery_verbs`` asks besides."""
    require(actor, verb, person.unit)
    if person.pk != actor.person_id:
        for more in recovery_verbs(person):
            require(actor, more, person.unit)


def _self(person: Person) -> Actor:
    return Actor(person.tenant_id, person.pk, person.name, person.unit_id)
