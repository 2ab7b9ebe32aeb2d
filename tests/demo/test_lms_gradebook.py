"""The demo's LMS refuses in its gradebook what a Moodle refuses, and shows what it took."""

import pytest

from lrs_bridge.demo.platform import tokens
from lrs_bridge.demo.platform.gradebook import CONTAINER, LINE_ITEM, RESULTS, SCORE
from tests.demo.conftest import tool_key

ROSTER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def post_item(lms, sent=None, media_type=LINE_ITEM, headers=None):
    sent = {"label": "Application", "scoreMaximum": 50, "tag": "mtm", "resourceId": "run-1"} if sent is None else sent
    headers = {**(headers or lms.bearer()), "Content-Type": media_type}
    return lms.client.post(lms.course.lineitems_url, json=sent, headers=headers)


def items(lms, headers=None, **query):
    headers = {"Accept": CONTAINER, **(headers or lms.bearer())}
    url = lms.course.lineitems_url.partition("?")[0]
    return lms.client.get(url, query_string={"type_id": 1, **query}, headers=headers)


def score(lms, item=1, media_type=SCORE, headers=None, **changes):
    sent = {
        "userId": "101",
        "timestamp": lms.now.isoformat(),
        "activityProgress": "InProgress",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 40,
        "scoreMaximum": 100,
        **changes,
    }
    url = lms.course.line_item_url(item).replace("/lineitem?", "/lineitem/scores?")
    headers = {**(headers or lms.bearer()), "Content-Type": media_type}
    return lms.client.post(url, json={k: v for k, v in sent.items() if v is not None}, headers=headers)


def shown(lms, item=1, user="101"):
    cell = lms.client.get("/gradebook.json").get_json()["cells"].get(f"{item}:{user}")
    return cell and cell["points"]


# Tokens


def test_a_tool_that_proves_itself_gets_the_scopes_it_asked_for(lms):
    """Its keys are asked for during the request, at the registered address."""
    answer = lms.ask_token(scope=f"{tokens.SCOPE_SCORE} https://example.org/unknown").get_json()
    assert (answer["scope"], answer["token_type"], answer["expires_in"]) == (tokens.SCOPE_SCORE, "Bearer", 3600)
    assert lms.asked_keys == [lms.course.tool.jwks_url]


@pytest.mark.parametrize(
    ("assertion", "error"),
    [
        (lambda lms: lms.assertion(key="another"), "invalid_client"),
        (lambda lms: lms.assertion(header={"alg": "RS256", "kid": "unknown"}), "invalid_client"),
        (lambda lms: lms.assertion(header={"alg": "RS256"}), "invalid_client"),
        (lambda lms: lms.assertion(iss="another"), "invalid_client"),
        (lambda lms: lms.assertion(aud="http://localhost:9999/token"), "invalid_client"),
        (lambda lms: lms.assertion(exp=int(lms.now.timestamp()) - 61), "invalid_client"),
        (lambda lms: lms.assertion(jti=None), "invalid_client"),
        (lambda lms: "not.a.token", "invalid_client"),
    ],
    ids=["other key", "unknown kid", "no kid", "other client", "other audience", "expired", "no jti", "no token"],
)
def test_an_assertion_that_proves_nothing_gets_no_token(lms, assertion, error):
    """Each with OAuth's word for it and a reason."""
    answer = lms.ask_token(assertion(lms))
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)
    assert answer.get_json()["error_description"]


def test_an_assertion_is_good_once(lms):
    """Its jti is remembered."""
    assertion = lms.assertion()
    assert lms.ask_token(assertion).status_code == 200
    assert lms.ask_token(assertion).status_code == 400


def test_unknown_scopes_alone_are_refused(lms):
    """As Moodle does."""
    assert lms.ask_token(scope="https://example.org/unknown").get_json()["error"] == "invalid_scope"


def test_a_token_lives_an_hour(lms):
    """Then the service answers 401."""
    headers = lms.bearer()
    lms.wait(minutes=61)
    assert items(lms, headers=headers).status_code == 401


# Line items


def test_a_line_item_is_made_and_found_by_resource_and_tag(lms):
    """The activity's own column is there before, and filters leave it out."""
    made = post_item(lms)
    assert (made.status_code, made.mimetype) == (201, LINE_ITEM)
    found = items(lms, resource_id="run-1", tag="mtm")
    assert (found.mimetype, found.get_json()) == (CONTAINER, [made.get_json()])
    assert len(items(lms).get_json()) == 2


def test_line_items_come_in_pages_when_asked(lms):
    """With a next link that keeps the other parameters."""
    post_item(lms)
    first = items(lms, limit=1)
    assert 'rel="next"' in first.headers["Link"]
    following = first.headers["Link"].split(">")[0].removeprefix("<")
    assert "type_id=1" in following
    second = lms.client.get(following, headers={"Accept": CONTAINER, **lms.bearer()})
    assert len(first.get_json() + second.get_json()) == 2
    assert "Link" not in second.headers


def test_media_types_must_be_exact(lms):
    """`application/json` and lists of types are 400, a charset is fine."""
    assert post_item(lms, media_type="application/json").status_code == 400
    assert post_item(lms, media_type=f"{LINE_ITEM}; charset=utf-8").status_code == 201
    for accepted in ("application/json", "*/*", f"{CONTAINER}, */*"):
        assert items(lms, headers={**lms.bearer(), "Accept": accepted}).status_code == 400
    assert score(lms, media_type="application/json").status_code == 400


def test_each_service_needs_its_scope(lms):
    """Without a token, or with one for something else: 401."""
    only_scores = lms.bearer(tokens.SCOPE_SCORE)
    assert items(lms, headers={"Authorization": "Bearer made-up"}).status_code == 401
    assert items(lms, headers=only_scores).status_code == 401
    assert post_item(lms, headers=lms.bearer(tokens.SCOPE_LINE_ITEM_READ)).status_code == 401
    assert score(lms, headers=lms.bearer(tokens.SCOPE_LINE_ITEM)).status_code == 401


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 400),
        ({"label": "x"}, 400),
        ({"label": "x" * 256, "scoreMaximum": 1}, 400),
        ({"label": "x", "scoreMaximum": 1, "resourceLinkId": "999"}, 403),
    ],
)
def test_a_wrong_line_item_is_refused(lms, sent, status):
    """No label, no maximum, too long a label, a link of somebody else."""
    assert post_item(lms, sent).status_code == status


def test_a_removed_line_item_is_gone(lms):
    """404 from then on, for scores too."""
    url = post_item(lms).get_json()["id"]
    assert lms.client.delete(url, headers=lms.bearer()).status_code == 204
    assert lms.client.delete(url, headers=lms.bearer()).status_code == 404
    assert score(lms, item=2).status_code == 404


def test_changing_a_line_item_without_its_link_unlinks_it(lms):
    """Moodle's trap: from then on a launch carries no `lineitem`."""
    url = lms.course.line_item_url(1)
    headers = {**lms.bearer(), "Content-Type": LINE_ITEM}
    changed = lms.client.put(url, json={"label": "Renamed", "scoreMaximum": 100}, headers=headers)
    assert (changed.status_code, "resourceLinkId" in changed.get_json()) == (200, False)


# Scores


def test_a_score_stands_in_the_gradebook_in_its_columns_maximum(lms):
    """20 of 40 is 25 of 50."""
    post_item(lms)
    assert score(lms, item=2, scoreGiven=20, scoreMaximum=40).status_code == 200
    assert shown(lms, item=2) == "25.00"


def test_only_later_scores_are_taken(lms):
    """To the second: an equal or earlier timestamp is 409 and changes nothing."""
    post_item(lms)
    assert score(lms, item=2).status_code == 200
    assert score(lms, item=2, scoreGiven=50).status_code == 409
    lms.wait(milliseconds=900)
    assert score(lms, item=2, scoreGiven=50).status_code == 409
    assert shown(lms, item=2) == "20.00"
    lms.wait(seconds=1)
    assert score(lms, item=2, scoreGiven=50).status_code == 200
    assert shown(lms, item=2) == "25.00"


def test_the_activitys_own_column_keeps_the_clock_of_the_lms(lms):
    """A first score may be stamped in the past; the next must be later than when that one arrived."""
    assert score(lms, timestamp="2026-11-22T11:00:00Z").status_code == 200
    assert score(lms, timestamp="2026-11-22T11:30:00Z").status_code == 409
    lms.wait(seconds=2)
    assert score(lms).status_code == 200


@pytest.mark.parametrize("progress", ["NotReady", "Failed", "Pending", "PendingManual"])
def test_anything_but_fully_graded_erases_the_grade(lms, progress):
    """With 200, as Moodle does."""
    score(lms)
    lms.wait(seconds=2)
    assert score(lms, gradingProgress=progress).status_code == 200
    assert shown(lms) is None


def test_a_score_without_points_erases_the_grade(lms):
    """Also when it says FullyGraded."""
    score(lms)
    lms.wait(seconds=2)
    assert score(lms, scoreGiven=None).status_code == 200
    assert shown(lms) is None


@pytest.mark.parametrize(("given", "kept"), [(120, "100.00"), (-5, "0.00"), (0, "0.00")])
def test_points_are_kept_within_the_column(lms, given, kept):
    """Capped above, zero below, and zero is a grade."""
    assert score(lms, scoreGiven=given).status_code == 200
    assert shown(lms) == kept


@pytest.mark.parametrize(
    "change",
    [
        {"userId": "999"},
        {"activityProgress": None},
        {"gradingProgress": None},
        {"timestamp": None},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-11-22T12:00:00"},
        {"scoreMaximum": None},
        {"scoreGiven": "many"},
        {"scoreMaximum": 0},
    ],
)
def test_a_wrong_score_is_refused(lms, change):
    """400, and the gradebook stays as it was."""
    assert score(lms, **change).status_code == 400
    assert shown(lms) is None


def test_a_teacher_cannot_be_graded(lms):
    """Only learners have a row."""
    dario = lms.course.by_key["dario"]
    assert score(lms, userId=dario.id).status_code == 400


def test_the_time_of_the_last_change_stays_when_points_do(lms):
    """A repeated score is no change."""
    score(lms)
    before = lms.client.get("/gradebook.json").get_json()["cells"]["1:101"]["changed"]
    lms.wait(minutes=3)
    score(lms)
    assert lms.client.get("/gradebook.json").get_json()["cells"]["1:101"]["changed"] == before
    lms.wait(minutes=3)
    score(lms, scoreGiven=41)
    assert lms.client.get("/gradebook.json").get_json()["cells"]["1:101"]["changed"] != before


def test_results_answer_what_was_graded(lms):
    """One per graded user, with points in the column's maximum."""
    score(lms)
    url = lms.course.line_item_url(1).replace("/lineitem?", "/lineitem/results?")
    results = lms.client.get(url, headers={"Accept": RESULTS, **lms.bearer()}).get_json()
    assert [(r["userId"], r["resultScore"], r["resultMaximum"]) for r in results] == [("101", 40, 100)]


# Roster


def test_the_roster_comes_in_pages_with_short_role_names(lms):
    """Managers are learners there, and nothing says whose manager they are."""
    headers = {"Accept": ROSTER, **lms.bearer()}
    members, url = [], f"{lms.course.memberships_url}?limit=10"
    while url:
        page = lms.client.get(url, headers=headers)
        members += page.get_json()["members"]
        url = page.headers["Link"].split(">")[0].removeprefix("<") if "Link" in page.headers else None
    assert [m["user_id"] for m in members] == [u.id for u in lms.course.users]
    roles = {m["name"]: m["roles"] for m in members}
    assert (roles["Mark Jensen"], roles["Dario Conti"], roles["Carl Brenner"]) == (
        ["Learner"],
        ["Instructor"],
        ["Member"],
    )


def test_the_roster_needs_its_scope(lms):
    """401 without."""
    headers = {"Accept": ROSTER, **lms.bearer(tokens.SCOPE_SCORE)}
    assert lms.client.get(lms.course.memberships_url, headers=headers).status_code == 401


def test_the_tools_key_is_not_the_lmss(lms):
    """Each side signs with its own."""
    assert lms.client.get("/lti/certs").get_json()["keys"][0]["n"] != tool_key("first").as_dict(private=False)["n"]
