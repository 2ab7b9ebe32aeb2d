"""The demo's people are those the sample's description names, and the same on every machine."""

from collections import Counter
from datetime import date, timedelta

import pytest

from lrs_bridge.demo.cohort import MANAGER_CHANGE_DAY, Habit, cast, day_zero_for
from lrs_bridge.domain.people import Role

DAY_ZERO = date(2026, 9, 15)


def test_the_cohort_has_24_participants_in_areas_of_11_9_and_4():
    """The areas are those of the small-group examples."""
    assert Counter(p.area for p in cast().participants) == {"north": 11, "centre": 9, "south": 4}


def test_six_managers_report_to_two_sponsors():
    """Every manager has one of the two sponsors, and both have managers."""
    managers = cast().with_role(Role.MANAGER)
    assert len(managers) == 6
    assert {m.sponsor for m in managers} == {s.key for s in cast().with_role(Role.SPONSOR)}
    assert len(cast().with_role(Role.SPONSOR)) == 2


def test_one_participant_has_no_manager():
    """Clara's manager engagement has to be "does not apply", never zero."""
    assert [p.key for p in cast().participants if p.manager is None] == ["clara"]


def test_one_participant_changes_manager_in_week_5():
    """The relations meet without a gap and without a day in common."""
    changed = [p for p in cast().participants if len(cast().managers_of(p, DAY_ZERO)) == 2]
    assert [p.key for p in changed] == ["yusuf"]
    first, second = cast().managers_of(changed[0], DAY_ZERO)
    assert second.start == first.end + timedelta(days=1) == DAY_ZERO + timedelta(days=MANAGER_CHANGE_DAY)
    assert MANAGER_CHANGE_DAY // 7 + 1 == 5


def test_some_never_answer():
    """At least two, in different areas."""
    silent = [p for p in cast().participants if p.habit is Habit.SILENT]
    assert len({p.area for p in silent}) >= 2


def test_the_same_seed_makes_the_same_people_and_another_seed_others():
    """Accounts, registrations and the run's id follow from the seed."""
    assert cast(1) == cast(1)
    assert {m.account for m in cast(1).members}.isdisjoint(m.account for m in cast(2).members)
    assert cast(1).run_id != cast(2).run_id


def test_nobody_shares_an_id_with_somebody_else():
    """Keys, LMS ids, accounts and e-mail addresses are unique."""
    members = cast().members
    for values in zip(*((m.key, m.user_id, m.account, m.email, m.name) for m in members), strict=True):
        assert len(set(values)) == len(members)


@pytest.mark.parametrize("offset", range(14))
def test_the_run_is_live_on_whatever_day_the_demo_starts(offset):
    """Applications 4-6 (days 45-75) and the success case survey (days 60-70) are open; the kick-off was a Tuesday."""
    today = date(2026, 11, 16) + timedelta(days=offset)
    day_zero = day_zero_for(today)
    assert day_zero.weekday() == 1
    assert 64 <= (today - day_zero).days <= 70


def test_the_people_file_names_managers_coaches_and_sponsors():
    """The same people, in the words of the domain."""
    cohort = cast().people(DAY_ZERO, 1, "field-coaching-90")
    petra = cohort.by_account[cast().by_key["petra"].account]
    assert petra.managers_on(DAY_ZERO) == (cast().by_key["mark"].account,)
    assert [r.account for r in petra.coaches] == [cast().by_key["carl"].account]
    mark = cohort.by_account[cast().by_key["mark"].account]
    assert [r.account for r in mark.sponsors] == [cast().by_key["sofia"].account]
    assert len(cohort.in_scope(DAY_ZERO)) == 24
