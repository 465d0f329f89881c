"""Forms: their declarations, how they are recognised in a workbook and laid out in one."""
