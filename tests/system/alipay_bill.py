"""Alipay's bill of a day as it is downloaded: an archive of two files of comma-separated cells in GBK."""

import io
import zipfile

HEADINGS = ("支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
            "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
            "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注")


def yuan(amount):
    return f"{amount // 100}.{amount % 100:02}"


def bill_row(reference, number, kind, amount, request, at):
    cells = [f"{reference}\t", f"{number}\t", kind, "Order, with a comma", at, at, "", "", "", "", "b***@sim.example",
             amount, amount, *["0.00"] * 5, "", "0.00", "0.00", request, "-0.01", "0.00", ""]
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)


def bill_archive(rows, seller_id, end=True, encoding="gbk", headings=HEADINGS):
    rows = list(rows)
    lines = ["#支付宝业务明细查询", f"#账号：[{seller_id}]", "#-----------------业务明细列表----------------", headings, *rows]
    if end:
        lines += ["#-----------------业务明细列表结束----------------", f"#交易合计：{len(rows)}笔"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(f"{seller_id}_业务明细(汇总).csv".encode("gbk").decode("latin-1"),
                     "#支付宝业务汇总查询\n".encode(encoding))
        out.writestr(f"{seller_id}_业务明细.csv".encode("gbk").decode("latin-1"), "\n".join(lines).encode(encoding))
    return archive.getvalue()
