"""Words (用语) of rights and audit: what roles, data sets, places, actions and outcomes are called."""

from shuzhi.access import rights
from shuzhi.i18n import N_, _, language

ACTIONS = {
    "sign_in": N_("登录"),
    "sign_out": N_("退出登录"),
    "end_session": N_("结束会话"),
    "see": N_("查看"),
    "full": N_("查看完整信息"),
    "export": N_("导出数据"),
    "change": N_("修改"),
    "create": N_("新建记录"),
    "undo": N_("撤销批次"),
    "import": N_("导入"),
    "rebuild": N_("重建"),
    "compact": N_("压缩整理"),
    "verify": N_("核对审计链"),
}
OUTCOMES = {"done": N_("已完成"), "refused": N_("被拒绝"), "failed": N_("失败")}
KINDS = {
    "sign_in": N_("登录与退出"),
    "view": N_("查看受保护记录"),
    "export": N_("导出数据"),
    "change": N_("变更"),
    "refused": N_("被拒绝"),
}
PLACES = {"city": N_("全市"), "unit": N_("本区县"), "street": N_("本街道"), "enterprise": N_("本企业")}
ACTOR_KINDS = {
    "account": N_("账号"),
    "device": N_("设备"),
    "public": N_("未登录"),
    "system": N_("系统用户"),
}
WHAT = {
    "create": N_("新建账号"),
    "change": N_("修改账号"),
    "disable": N_("停用账号"),
    "enable": N_("启用账号"),
    "reset": N_("重置口令"),
    "password": N_("换口令"),
    "totp": N_("设置二次验证"),
    "device": N_("建立设备"),
    "save": N_("保存草稿"),
    "remove": N_("删除草稿"),
    "restore": N_("撤销删除"),
}
"""What a change was, as `detail` says it."""
STATES = {
    "open": N_("正常"),
    "one_time": N_("口令待换"),
    "locked": N_("锁定"),
    "disabled": N_("已停用"),
}
"""What an account can be, see :func:`shuzhi.access.accounts.state`."""
REASONS = {
    "unknown": N_("没有这个账号或已停用"),
    "locked": N_("账号锁定中"),
    "password": N_("口令不对"),
    "code": N_("验证码不对"),
    "no demo": N_("没有演示账号"),
}
DETAILS = {
    "what": N_("事项"),
    "reason": N_("原因"),
    "rows": N_("行数"),
    "bytes": N_("字节数"),
    "where": N_("筛选条件"),
    "role": N_("角色"),
    "places": N_("地方"),
    "name": N_("姓名"),
    "before": N_("原来"),
    "how": N_("方式"),
    "demo": N_("演示"),
    "session_id": N_("会话"),
    "file": N_("文件"),
    "text": N_("查找"),
    "actions": N_("动作"),
    "outcomes": N_("结果"),
    "since": N_("起"),
    "until": N_("止"),
    "value": N_("值"),
    "source": N_("依据"),
}


def action_name(key: str) -> str:
    """Name of an action of the audit; an unknown one stays."""
    return _(ACTIONS[key]) if key in ACTIONS else key


def deed(action: str, detail: dict) -> str:
    """What was done, as exactly as the event says it: “重置口令” rather than “修改”."""
    what = detail.get("what")
    return _(WHAT[what]) if action == "change" and what in WHAT else action_name(action)


def state_name(key: str) -> str:
    """Name of an account's state."""
    return _(STATES[key])


def outcome_name(key: str) -> str:
    """Name of an outcome."""
    return _(OUTCOMES[key]) if key in OUTCOMES else key


def role_name(key: str) -> str:
    """Name of a role; one that the matrix no longer has stays as it is."""
    found = rights.roles().get(key)
    return key if found is None else found.zh if language() == "zh" else found.en


def dataset_name(key: str | None) -> str:
    """Name of a data set; empty for none."""
    return rights.matrix()["datasets"].get(key, {}).get(language(), key or "")


def right_name(key: str) -> str:
    """Name of an action of the matrix."""
    return rights.matrix()["actions"].get(key, {}).get(language(), key)


def place_name(role: str) -> str:
    """What a role is bound to."""
    known = rights.roles().get(role)
    return _(PLACES[known.place]) if known else ""


def actor_kind_name(key: str) -> str:
    """Name of a kind of actor."""
    return _(ACTOR_KINDS[key]) if key in ACTOR_KINDS else key


def detail_name(key: str) -> str:
    """Name of what an event says in its detail; an unknown one stays."""
    return _(DETAILS[key]) if key in DETAILS else key


def detail_value(key: str, value) -> str:
    """A value of an event's detail in words."""
    if key == "role":
        return role_name(value)
    if key in ("what", "reason") and value in (names := WHAT | REASONS):
        return _(names[value])
    if isinstance(value, list):
        return _("、").join(str(one) for one in value) or "–"
    if isinstance(value, dict):
        return _("；").join(f"{detail_name(name)} {detail_value(name, one)}" for name, one in value.items())
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return f"{value:,}" if isinstance(value, int) else str(value)
