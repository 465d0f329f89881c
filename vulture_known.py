"""Names that nothing in the package mentions and that are used all the same; vulture reads this."""

# Libraries read or call these: watchdog, SQLAlchemy, click, pydantic, ftplib, paramiko, warnings.
_._emitter_class
_._inotify
_._remove_watch_internally
_.redirect_request
_.on_any_event
_.on_thread_start
_.cache_ok
_.impl
_.isolation_level
_.process_bind_param
_.process_result_value
_.format_commands
_.get_command
_.list_commands
_.model_config
_.putline
_.auth_timeout
_.banner_timeout
_.channel_timeout
_.handshake_timeout
_.nbytes
_.showwarning

# Openpyxl and xlsxwriter write these into a workbook.
_.anchor
_._charts
_._pivots
_.alignment
_.border
_.firstSheet
_.fitToHeight
_.fitToWidth
_.fullCalcOnLoad
_.horizontalCentered
_.hyperlink
_.legacy_drawing
_.number_format
_.orientation
_.pageSetUpPr
_.page_margins
_.paperSize
_.print_title_rows
_.prompt
_.promptTitle
_.quotePrefix
_.sheet_state
_.showErrorMessage
_.showGridLines
_.showInputMessage
_.tabColor
_.tabSelected
_.template

# Columns of tables and rows, read by name or by position.
_.closed_at
_.rest_visits

# Imported for what it registers.
_.SUBJECTS

# A command, which `cli` looks up by its name.
_.reject

# A result that tests look into, and what builds their sites.
_.as_sheet
_.is_whole
_.laid_out
_.read_units
_.reported

# The glossary: people read it, and words that are said to them follow it.
TERMS

# Read by the page's templates, or written to the ledger field by field.
_.did
_.in_month
_.is_today
_.left_out
_.began_at
_.part_came
_.soon
_.is_narrow
_.arrows
_.tip

# Jinja2 and uvicorn read these.
_.filters
_.globals
_.should_exit
