"""Statements as the drivers take them: names, and plain INSERTs of many rows as COPY."""

from portal.kernel.bulk import as_copy, spelled


def test_names_become_the_drivers_and_casts_stay():
    assert spelled("SELECT a::text FROM t WHERE b = :b AND c = :sha256") == (
        "SELECT a::text FROM t WHERE b = %(b)s AND c = %(sha256)s"
    )


def test_only_a_plain_insert_is_copied_its_values_by_the_columns_order():
    copied = as_copy("INSERT INTO t(id, stream) VALUES(:number, :s)")
    assert copied == ("COPY t(id, stream) FROM STDIN", ("number", "s"))
    for more in (" ON CONFLICT DO NOTHING", " RETURNING id"):
        assert as_copy(f"INSERT INTO t(id) VALUES(:id){more}") is None
    assert as_copy("INSERT INTO t(id, at) VALUES(:id, 0)") is None
