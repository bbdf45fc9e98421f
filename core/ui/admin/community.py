"""The Community board's tab: its entries and its trash."""

from collections.abc import Sequence

from core.model.entries import BoardName, Entry
from core.ui.admin.edit import Edit, Marks, SetVerification
from core.ui.admin.entries import show_board, show_trash
from core.ui.admin.entry_acts import Delete, formless
from core.ui.admin.promote import Promote
from core.ui.admin.session import AdminSession, Context, DialogAct


def show(context: Context, session: AdminSession) -> None:
    """Draw the tab *Community*."""
    show_board(context, session, "community", _acts)
    show_trash(context, session, "community")


def _acts(entry: Entry) -> Sequence[tuple[str, str, DialogAct]]:
    where: tuple[BoardName, str] = ("community", entry.entry_id)
    return [
        ("Promote", ":material/upgrade:", Promote(entry.entry_id)),
        ("Edit", ":material/edit:", Edit(*where)),
        ("Verification", ":material/verified:", SetVerification(*where)),
        ("Marks", ":material/label:", Marks(*where)),
        *formless(where, entry),
        ("Delete", ":material/delete:", Delete(*where)),
    ]
