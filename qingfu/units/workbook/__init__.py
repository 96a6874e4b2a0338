"""The county's workbook: schools, classes, people and who teaches what, in one Excel file.

``sheets`` says what the columns are, ``template`` writes an empty workbook, ``safety`` opens a file of a stranger,
``reading`` turns cells into records, ``plan`` compares them with what is stored. ``actions.workbook`` stores.
"""
