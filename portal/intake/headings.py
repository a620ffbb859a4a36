"""How columns of other systems' request tables are commonly called, by our fields; a reader may map them otherwise."""

from collections.abc import Sequence

from portal.kernel.headings import matched

NAMES: dict[str, tuple[str, ...]] = {
    "description": (
        "问题描述", "反馈内容", "投诉内容", "诉求内容", "工单内容", "内容", "描述", "详情", "问题", "情况说明",
        "来电内容", "details", "content", "complaint", "problem", "message", "text",
    ),
    "demand": (
        "客户诉求", "诉求", "期望", "客户要求", "客户期望", "期望结果", "要求", "request", "wish", "expectation"
    ),
    "received_at": (
        "受理时间", "接收时间", "反馈时间", "投诉时间", "来电时间", "登记时间", "创建时间", "提交时间", "工单时间",
        "日期", "时间", "received", "created", "created at", "date", "time",
    ),
    "happened": ("发生时间", "问题发生时间", "故障时间", "时间节点", "occurred", "happened at"),
    "customer_name": ("客户姓名", "客户名称", "姓名", "客户", "用户姓名", "联系人", "用户", "customer", "name"),
    "contact": (
        "联系电话", "客户电话", "手机号", "手机号码", "电话", "联系方式", "来电号码", "号码", "手机", "phone", "mobile",
        "telephone", "e-mail", "email",
    ),
    "order_no": ("订单号", "订单编号", "业务单号", "单号", "order", "order number", "order id"),
    "product": ("产品型号", "产品", "产品名称", "商品", "商品名称", "业务", "业务类型", "型号", "套餐", "product name"),
    "symptom": ("故障现象", "现象", "故障描述", "fault"),
    "title": ("标题", "主题", "工单标题", "subject"),
    "request_type": ("需求类型", "请求类型", "工单类型", "类型", "type", "request type"),
    "category": ("问题类别", "问题分类", "分类", "类别"),
    "urgency": ("紧急程度", "优先级", "紧急", "priority"),
}  # fmt: skip


def columns_of(names: Sequence[str]) -> dict[str, str]:
    """Column -> field, as the names of the columns suggest."""
    return {names[place]: field for place, field in sorted(matched(names, NAMES).items())}
