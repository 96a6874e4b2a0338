"""Links on paper: of classes, schools, boards and families. The database keeps their hashes only."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from django.utils import timezone

from qingfu.server.secrets import secret
from qingfu.units.actions.trail import audit
from qingfu.units.models import Token, Unit
from qingfu.units.queries import Actor, require

# Crockford's alphabet: no i, l, o, u, so that a code can be read from paper and typed.
READABLE = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghjkmnpqrstvwxyz")


def hash_of(plain: str) -> bytes:
    """What the database keeps of a cookie or link: its SHA-256."""
    return hashlib.sha256(plain.encode()).digest()


def link_text(kind: str, tenant_id: int, subject_id: int, generation: int = 1) -> str:
    """The secret part of a printed link: 24 characters, 120 bits. Derived from a key of this installation, so a
    slip can be printed again, while the database, which keeps only its hash, cannot give it away."""
    message = f"{kind}.{tenant_id}.{subject_id}.{generation}".encode()
    digest = hmac.new(secret("links"), message, hashlib.sha256).digest()
    return base64.b32encode(digest[:15]).decode().translate(READABLE)


def issue_link(
    kind: str, tenant_id: int, subject_id: int, generation: int | None = None, expires_at: datetime | None = None
) -> str:
    """Make the link of a class, school, board or family known to the database; returns its secret part.

    Without ``generation`` it is the one in force: a link that was replaced is never issued again. One that is given
    ``expires_at`` opens nothing afterwards.
    """
    plain = link_text(kind, tenant_id, subject_id, generation or generation_of(kind, subject_id))
    known = {"kind": kind, "subject_id": subject_id, "expires_at": expires_at}
    Token.objects.get_or_create(hash=hash_of(plain), defaults=known)
    return plain


def generation_of(kind: str, subject_id: int) -> int:
    """How many links of ``kind`` this subject has had, the present one counted; at least 1."""
    return max(Token.objects.filter(kind=kind, subject_id=subject_id).count(), 1)


def replace_link(actor: Actor, kind: str, unit: Unit, verb: str = "print_links") -> str:
    """A new link for a class, school or board; the old one opens nothing from now on. Needs ``verb``."""
    require(actor, verb, unit)
    issue_link(kind, unit.tenant_id, unit.pk)
    generation = generation_of(kind, unit.pk) + 1
    Token.objects.filter(kind=kind, subject_id=unit.pk, revoked_at=None).update(revoked_at=timezone.now())
    audit(actor, "replace_link", kind=kind, object_id=unit.pk, unit_id=unit.pk)
    return issue_link(kind, unit.tenant_id, unit.pk, generation)
