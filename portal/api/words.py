"""Words of the door for other systems."""

from flask_babel import lazy_gettext as _l

TERMS: dict[str, object] = {}
REFUSALS = {
    "token_name": _l("Give the token a name that no other has had."),
    "api_token": _l("Send a valid token: Authorization: Bearer …"),
    "call_list": _l('Send {"calls": [...]} with 1 to %(most)s calls.'),
    "call_unusable": _l("“%(field)s” of a call is missing or cannot be. Nothing was kept."),
    "api_right": _l("This token is for something else: tokens either hand requests in or read figures."),
    "api_rate": _l("More than %(most)s requests a minute: wait."),
    "api_too_large": _l("The request is too large."),
    "api_no_json": _l("Send a JSON object."),
    "api_text": _l("“%(field)s” must be a text."),
    "api_key": _l("Send your own key for this request, at most 200 characters: with the same key it comes in once."),
    "api_key_used": _l("This key has come in before with other content. Send a new request under a new key."),
    "api_empty": _l("Say what happened: “description” is empty."),
}
