"""The report reader: what a strict, kind editor would find in a work report, with every span in the raw text.

    from qingfu.text.review.reader import review_text

Files here are small and alike: ``layers`` makes the text readable, ``document`` cuts it into reports,
each module of ``detectors`` finds one kind of defect, ``reader`` joins them.
"""
