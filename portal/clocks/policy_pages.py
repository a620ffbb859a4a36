"""Pages of the policy: limits by level and channel, drafts, review, trying out."""

from flask import Blueprint

bp = Blueprint("policies", __name__, url_prefix="/admin/policy")
