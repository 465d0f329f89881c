"""The findings of recognition: what is wrong with a form as a whole, in words for its sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bhyt_filedrop.domain.cells.grid import a1
from bhyt_filedrop.domain.findings import Finding, Severity, finding
from bhyt_filedrop.domain.forms.spec import Column, FormSpec, Section
from bhyt_filedrop.domain.process.rounds import Round


def unrecognised(
    file: str,
    nearest: FormSpec | None = None,
    lacking: Sequence[Column] = (),
    *,
    headed: bool = True,
) -> Finding:
    """No sheet matches a known form; the nearest one is named where something came close.

    `headed` says that its header was found, so that it is columns, or the title, that it lacks.
    """
    message = "Không nhận ra biểu mẫu nào trong tệp."
    if nearest:
        message = f"Không nhận ra biểu mẫu; gần giống nhất là {nearest.name}"
        names = ", ".join(f"“{column.title}”" for column in lacking)
        what = f"thiếu cột {names}" if names else "tiêu đề phía trên bảng là của danh sách khác"
        message += f", nhưng {what if headed else 'không thấy dòng tiêu đề cột'}."
    return finding(
        "form.unrecognised",
        message,
        "Dùng đúng biểu mẫu đã hướng dẫn, giữ nguyên dòng tiêu đề các cột, rồi nộp lại.",
        file=file,
    )


def column_missing(spec: FormSpec, column: Column, sheet: str, file: str) -> Finding:
    """A required column is absent from one table."""
    return finding(
        "form.column-missing",
        f"Thiếu cột “{column.title}” của {spec.name}.",
        f"Thêm lại cột “{column.title}” theo đúng mẫu, điền đủ rồi nộp lại.",
        sheet=sheet,
        field=column.field,
        file=file,
    )


def section_missing(spec: FormSpec, section: Section, sheet: str, file: str) -> Finding:
    """A form with sections lacks the heading of one."""
    return finding(
        "form.section-missing",
        f"Thiếu mục “{section.title}” của {spec.name}.",
        "Thêm lại dòng tiêu đề của mục này; nếu không có trẻ nào thì để trống bên dưới.",
        sheet=sheet,
        value=section.id,
        file=file,
    )


def no_rows(spec: FormSpec, sheet: str, file: str) -> Finding:
    """A recognised form without a single child."""
    return finding(
        "form.no-rows",
        f"{spec.name} không có trẻ nào.",
        "Kiểm tra xem đã chọn đúng tệp chưa, điền danh sách trẻ rồi nộp lại.",
        sheet=sheet,
        file=file,
    )


def sheet_ignored(sheet: str, file: str) -> Finding:
    """A sheet with content that belongs to no form."""
    return finding(
        "form.sheet-ignored",
        f"Trang tính “{sheet}” không theo biểu mẫu nào nên không được đọc.",
        "Nếu trang này có danh sách trẻ, hãy đưa về đúng mẫu rồi nộp lại; nếu không thì bỏ qua.",
        sheet=sheet,
        file=file,
    )


def other_round(sheet: str, own: Round, read: Round, file: str) -> Finding:
    """A list of an earlier round in the same workbook: it is not mixed with the newest one."""
    return finding(
        "form.sheet-ignored",
        f"Trang tính “{sheet}” là danh sách {own.title}, còn tệp này nộp cho {read.title}, nên "
        "trang đó không được đọc.",
        f"Nếu cần nộp danh sách {own.title} thì tách thành tệp riêng; nếu không thì bỏ qua.",
        sheet=sheet,
        file=file,
    )


def other_round_file(file: str, own: Round, read: Round) -> Finding:
    """A file of an archive that is of an earlier round than the others: they are not mixed."""
    return finding(
        "form.sheet-ignored",
        f"Tệp “{file}” là danh sách {own.title}, còn tệp nén này có danh sách {read.title}, nên "
        "tệp đó không được đọc.",
        f"Nếu cần nộp danh sách {own.title} thì nộp riêng tệp đó; nếu không thì bỏ qua.",
        file=file,
    )


def hidden_sheet(sheet: str, file: str) -> Finding:
    """A hidden sheet with a list on it."""
    return finding(
        "form.hidden-rows",
        f"Trang tính “{sheet}” đang bị ẩn nhưng có danh sách; danh sách này vẫn được đọc.",
        "Kiểm tra lại trang bị ẩn; nếu không muốn gửi thì xóa hẳn rồi nộp lại.",
        sheet=sheet,
        file=file,
    )


def hidden_rows(sheet: str, rows: Sequence[int], column: int, file: str) -> Finding:
    """Hidden rows hold children."""
    return finding(
        "form.hidden-rows",
        f"Có {len(rows)} dòng trẻ đang bị ẩn (từ dòng {rows[0]}); các dòng này vẫn được đọc.",
        "Bỏ ẩn (hoặc bỏ lọc) để kiểm tra; dòng nào không gửi thì xóa hẳn rồi nộp lại.",
        sheet=sheet,
        cell=a1(rows[0], column),
        row=rows[0],
        file=file,
    )


def struck_rows(sheet: str, rows: Sequence[int], column: int, file: str) -> Finding:
    """Struck-through rows hold children: a person sees them taken out, the program counts them."""
    return finding(
        "form.struck-rows",
        f"Có {len(rows)} dòng trẻ bị gạch ngang (từ dòng {rows[0]}); các dòng này vẫn được đọc.",
        "Dòng nào không gửi thì xóa hẳn rồi nộp lại; dòng nào gửi thì bỏ gạch ngang.",
        sheet=sheet,
        cell=a1(rows[0], column),
        row=rows[0],
        file=file,
    )


def struck_text(sheet: str, cells: Sequence[tuple[int, int]], file: str) -> Finding:
    """A part of what a child's cell says is struck through, and was read with the rest."""
    more = f" và {len(cells) - 1} ô khác" if len(cells) > 1 else ""
    return finding(
        "form.struck-text",
        f"Ô {a1(*cells[0])}{more} có phần chữ bị gạch ngang; phần bị gạch vẫn được đọc cùng phần "
        "còn lại.",
        "Xóa hẳn phần chữ bị gạch (hoặc bỏ gạch) rồi nộp lại.",
        sheet=sheet,
        cell=a1(*cells[0]),
        row=cells[0][0],
        file=file,
    )


def continued(sheet: str, place: tuple[int, int], above: int, file: str) -> Finding:
    """A row in which a name was read as the rest of the name above it."""
    return finding(
        "row.continued",
        f"Dòng này được hiểu là phần viết tiếp của dòng {above} và đã được ghép vào dòng đó.",
        "Không cần sửa nếu đúng; lần sau nên viết trọn trong một ô (định dạng xuống dòng trong ô).",
        sheet=sheet,
        cell=a1(*place),
        row=place[0],
        file=file,
    )


def unread_row(sheet: str, place: tuple[int, int], text: str, file: str) -> Finding:
    """A row between children that names nobody, and that no child can be given."""
    told = finding(
        "row.continued",
        "Dòng này có thông tin nhưng không có họ tên, không rõ của trẻ nào nên không được đọc.",
        "Ghi thông tin vào đúng dòng của trẻ, xóa dòng này rồi nộp lại.",
        sheet=sheet,
        cell=a1(*place),
        row=place[0],
        value=text,
        file=file,
    )
    return replace(told, severity=Severity.WARNS)


def hidden_column(sheet: str, title: str, name: str, place: tuple[int, int], file: str) -> Finding:
    """A hidden column holds data."""
    return finding(
        "form.hidden-rows",
        f"Cột “{title}” đang bị ẩn nhưng có dữ liệu; dữ liệu này vẫn được đọc.",
        "Bỏ ẩn để kiểm tra; nếu không muốn gửi cột này thì xóa dữ liệu trong cột rồi nộp lại.",
        sheet=sheet,
        cell=a1(*place),
        row=place[0],
        field=name,
        file=file,
    )


def total_wrong(
    sheet: str, place: tuple[int, int], stated: int, counted: int, file: str
) -> Finding:
    """A stated total differs from the rows counted."""
    return finding(
        "form.total-wrong",
        f"Dòng tổng cộng ghi {stated} trẻ nhưng đếm được {counted} trẻ.",
        "Kiểm tra xem có sót hoặc thừa dòng nào không, rồi sửa lại số tổng cộng.",
        sheet=sheet,
        cell=a1(*place),
        row=place[0],
        value=str(stated),
        file=file,
    )
