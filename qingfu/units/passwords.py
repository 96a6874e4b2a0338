"""Passwords: argon2id, stretched here and compared in the database, which never gives a stored hash away."""

from __future__ import annotations

import base64
import hmac
import secrets
from functools import cache

from argon2.low_level import Type, hash_secret
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from qingfu.server.secrets import secret

INITIAL_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
INITIAL_LENGTH = 10


class Argon2(Argon2PasswordHasher):
    """argon2id with 19 MiB, two rounds, one lane (OWASP): a school's server bears a morning of sign-ins."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def stretch(password: str, recipe: str) -> str:
    """``password`` as it would be stored under ``recipe`` (algorithm, parameters and salt, as the database says)."""
    _algorithm, _variety, _version, parameters, salt, _empty = recipe.split("$")
    costs = dict(part.split("=") for part in parameters.split(","))
    stretched = hash_secret(
        password.encode(),
        base64.b64decode(salt + "=" * (-len(salt) % 4)),
        time_cost=int(costs["t"]),
        memory_cost=int(costs["m"]),
        parallelism=int(costs["p"]),
        hash_len=32,
        type=Type.ID,
    )
    return Argon2.algorithm + stretched.decode()


def recipe_of_nobody(unit_code: str, account: str) -> str:
    """A recipe for an account that does not exist: the same work, and the same salt whenever it is asked for."""
    digest = hmac.new(secret("nobody"), f"{unit_code}/{account}".encode(), "sha256").digest()
    *recipe, _salt, _hash = _any_hash().split("$")
    return "$".join([*recipe, base64.b64encode(digest[:22]).decode().rstrip("="), ""])


@cache
def _any_hash() -> str:
    return make_password(secrets.token_urlsafe())


def initial_password() -> str:
    """A password to print on a slip: fifty bits, without letters and figures that look alike."""
    return "".join(secrets.choice(INITIAL_ALPHABET) for _ in range(INITIAL_LENGTH))


class NotTheAccount:
    """A validator of AUTH_PASSWORD_VALIDATORS: the password does not contain the account or the name."""

    def validate(self, password: str, user=None) -> None:
        words = [user.account, user.pinyin.replace(" ", "")] if user else []
        if any(len(word) > 2 and word.lower() in password.lower() for word in words):
            raise ValidationError(_("密码里不要用账号或姓名拼音。"), code="password_contains_account")

    def get_help_text(self) -> str:
        return _("密码里不要用账号或姓名拼音。")
