// Saves one workbook anew by SheetJS or ExcelJS: node save.cjs MAKER SOURCE TARGET KIND
"use strict";
const [maker, source, target, kind] = process.argv.slice(2);

function bySheetJS() {
  const XLSX = require("xlsx");
  const dates = kind.endsWith("+dates");
  const type = kind.replace("+dates", "");
  const book = XLSX.readFile(source, { cellDates: dates, cellStyles: true, cellNF: true });
  XLSX.writeFile(book, target, { bookType: type, cellDates: dates, compression: true });
}

// The streaming writer, as web programs use it: each row leaves as soon as it is made.
async function byExcelJS() {
  const ExcelJS = require("exceljs");
  const shared = kind === "shared";
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(source);
  const made = new ExcelJS.stream.xlsx.WorkbookWriter({
    filename: target,
    useSharedStrings: shared,
    useStyles: true,
  });
  for (const sheet of book.worksheets) {
    const copy = made.addWorksheet(sheet.name);
    sheet.eachRow({ includeEmpty: true }, (row, number) => {
      row.eachCell((cell) => {
        if (cell.isMerged && cell.master !== cell) return;
        copy.getRow(number).getCell(cell.col).value = cell.value;
        copy.getRow(number).getCell(cell.col).numFmt = cell.numFmt;
      });
      copy.getRow(number).commit();
    });
    copy.commit();
  }
  await made.commit();
}

Promise.resolve(maker === "sheetjs" ? bySheetJS() : byExcelJS()).catch((error) => {
  console.error(error);
  process.exit(1);
});
