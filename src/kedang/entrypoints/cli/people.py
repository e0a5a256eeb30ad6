"""`kedang people`: accounts and permissions, for when nobody can sign in at the web door any more.

It needs the keys of the case, as every verb does; what it does is done by the founder and stands in the ledger.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kedang.access.deciding import Grant, roles
from kedang.entrypoints.cli.context import new_context
from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.texts import about, either
from kedang.entrypoints.first_passwords import first_password
from kedang.holdings.actions import accounts
from kedang.holdings.actions.granting import give
from kedang.holdings.actions.people import add_account, join_case
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.door_key import door_key
from kedang.holdings.people_errors import GrantMalformed, NoSuchPerson
from kedang.holdings.queries.people import accounts as all_accounts
from kedang.holdings.queries.people import members

people_app = typer.Typer(name="people", cls=Verbs, no_args_is_help=True, help=about("people"))
Login = Annotated[str, typer.Argument(help=either("登录名。", "Sign-in name."))]
Role = Annotated[
    str,
    typer.Option(
        "--role",
        help=either(
            "角色：owner、officer、administrator 等。", "Role: owner, officer, administrator and so on."
        ),
    ),
]
SECOND_FACTOR = typer.Option(
    "--second-factor", help=either("同时删除第二因素。", "Take second factors away too.")
)


@people_app.command(
    "list", cls=Verb, help=either("账号和它们在本全宗的授权。", "Accounts, and what they have in the case.")
)
def list_people(case: Case = None, as_json: Json = False) -> None:
    """Every account of the installation."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.reading() as archive:
        today = context.now().date()
        granted = {
            line.account: [one.grant.role for one in line.grants] for line in members(archive, today=today)
        }
        lines: list[dict[str, Any]] = [
            {
                "login": line.login,
                "name": line.name,
                "active": line.active,
                "keeps_accounts": line.keeps_accounts,
                "second_factors": list(line.factors),
                "roles": granted.get(line.id, []),
            }
            for line in all_accounts(door_key(archive.home.root))
        ]
    if as_json:
        context.print_json({"people": lines})
        return
    for line in lines:
        titles = [roles()[role].title[either("zh", "en")] for role in line["roles"]]
        state = context.say("people-active" if line["active"] else "people-suspended")
        context.out.print(f"{line['login']}  {line['name']}  {state}  {either('、', ', ').join(titles)}")


@people_app.command(
    "add",
    cls=Verb,
    help=either(
        "新建账号并授予角色；首次密码显示一次。", "A new account with a role; prints its first password once."
    ),
)
def add(
    login: Login,
    name: Annotated[str, typer.Option("--name", help=either("姓名。", "Name."))],
    role: Role = "",
    case: Case = None,
    as_json: Json = False,
) -> None:
    """The password is to be changed at the first sign-in."""
    context = new_context(as_json=as_json, fonds_code=case)
    _require_role(role)
    password = first_password()
    with context.reading() as archive:
        door = door_key(archive.home.root)
        made = add_account(
            door,
            archive.new_id(),
            name=name,
            login=login,
            password=password,
            must_change=True,
            keeps_accounts=role == "administrator",
            now=context.now(),
        )
        if role:
            join_case(archive, door, made, [Grant(archive.new_id(), role)], now=context.now())
    _tell(context, login, password)


@people_app.command(
    "reset",
    cls=Verb,
    help=either(
        "发新的首次密码并恢复账号；所有登录结束。",
        "A new first password, the account active again; all sessions end.",
    ),
)
def reset(
    login: Login,
    second_factor: Annotated[bool, SECOND_FACTOR] = False,
    case: Case = None,
    as_json: Json = False,
) -> None:
    """For whoever has lost his password, or was suspended by mistake."""
    context = new_context(as_json=as_json, fonds_code=case)
    password = first_password()
    with context.reading() as archive:
        account = _account(archive, login)
        accounts.set_first_password(account, password, by="", now=context.now())
        if second_factor:
            accounts.reset_second_factor(account, by="", now=context.now())
        accounts.resume(account, by="", now=context.now())
    _tell(context, login, password)


@people_app.command(
    "grant", cls=Verb, help=either("授予角色，范围为全部档案。", "Give a role over the whole archive.")
)
def grant(login: Login, role: Role, case: Case = None, as_json: Json = False) -> None:
    """Duties of different people stay apart here too."""
    context = new_context(as_json=as_json, fonds_code=case)
    if not role:
        raise GrantMalformed(part="role")
    _require_role(role)
    with context.reading() as archive:
        given = Grant(archive.new_id(), role)
        give(archive, door_key(archive.home.root), _account(archive, login), given, now=context.now())
    if as_json:
        context.print_json({"login": login, "role": role, "grant": given.id})
    else:
        context.print("people-granted", login=login, role=roles()[role].title[either("zh", "en")])


def _require_role(role: str) -> None:
    if role and role not in roles():
        raise GrantMalformed(part="role")


def _account(archive: Archive, login: str) -> str:
    door = door_key(archive.home.root)
    wanted = door.fingerprint(login)
    for line in all_accounts(door):
        if door.fingerprint(line.login) == wanted:
            return line.id
    raise NoSuchPerson()


def _tell(context: Any, login: str, password: str) -> None:
    if context.as_json:
        context.print_json({"login": login, "password": password})
    else:
        context.print("people-password", login=login, password=password)
