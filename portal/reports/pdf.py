"""The quarterly report on paper as it stands now, and the way from any page of ours to PDF."""

from portal.reports.paper_print import LOCALES, laid_out, quarterly_page, quarterly_pdf

__all__ = ["LOCALES", "laid_out", "quarterly_page", "quarterly_pdf"]
