from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

DEEDS = {
    "ask": _("发起事项"),
    "receive": _("收文登记"),
    "ask_two_offices": _("请两办审核"),
    "grant_ask": _("两办同意"),
    "decline_ask": _("两办不同意"),
    "withdraw_ask": _("撤回事项"),
    "second_withdrawal": _("复核撤回"),
    "release_complaints": _("放出一批反映"),
    "answer_complaints": _("答复反映"),
    "commit_sample": _("公布电话核实的抽样名单"),
    "draw_sample": _("抽取电话核实的村"),
    "record_call": _("记电话核实"),
    "record_length": _("填会议实际时长"),
    "plan_meeting": _("列入年度会议计划"),
    "drop_planned_meeting": _("计划里的会不开了"),
    "propose_document": _("提出发文立项"),
    "approve_document": _("同意发文立项"),
    "return_document": _("不同意发文立项"),
    "drop_document": _("不再发文"),
    "keep_of_drafts": _("改动留不留草稿"),
    "merge_document": _("合并发文"),
    "check_draft": _("查文件草稿"),
    "issue_document": _("提交发文"),
    "circulate": _("收文传阅"),
    "handle_receipt": _("收文办结"),
    "register_form": _("登记报表"),
    "give_figures": _("填报数据"),
    "propose_listed": _("检查事项报备案"),
    "file_listed": _("检查事项备案"),
    "return_listed": _("检查事项退回"),
    "plan_visits": _("排检查"),
    "drop_visit": _("删去一次检查"),
    "merge_visits": _("合并检查"),
    "adopt_merged": _("采用合并方案"),
    "seal_visit": _("封存暗访"),
    "open_sealed": _("启封暗访"),
    "void_sealed": _("作废暗访"),
    "keep_quiet": _("定不安排检查的日子"),
    "register_channel": _("登记应用或工作群"),
    "import_channels": _("导入应用和工作群"),
    "kept_channel": _("自查后保留"),
    "merged_channel": _("清理：合并"),
    "closed_channel": _("清理：停用"),
    "return_seconded": _("借调的人回原单位"),
    "hand_down": _("下放审批"),
    "count_cases": _("填下放审批的办件数"),
    "take_back": _("收回下放的审批"),
    "record_blame": _("填容错情况"),
    "name_successors": _("写明单位合并、拆分"),
}
"""What the deeds of this room are called in the audit trail."""


class OfficesConfig(AppConfig):
    name = "qingfu.offices"
    label = "offices"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "基层减负"

    def ready(self) -> None:
        from qingfu.findings.records import register
        from qingfu.ledger import elsewhere
        from qingfu.offices.queries.channels import cleanups, records
        from qingfu.rulebook.judge import SCHOOL_APPS
        from qingfu.units import permissions

        permissions.DEEDS.update(DEEDS)
        register("channel", records)
        elsewhere.register("cleanup", SCHOOL_APPS, cleanups)
