"""Archives for the attacks, and looks at them from outside."""

from __future__ import annotations

import json
from typing import Any

from tests.world import World

SOURCE_TEXT = "采购合同\n甲方：云溪样例商贸有限公司\n乙方：琉璃厂旧书店有限公司\n签订日期：2024年3月18日\n电话 13800138000\n"


def leaves(world: World) -> list[dict[str, Any]]:
    """Every event of the ledger."""
    return [json.loads(leaf) for (leaf,) in world.rows("SELECT leaf FROM holdings_ledgerleaf ORDER BY n")]
