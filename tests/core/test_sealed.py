from apps.core.sealed import seal, unseal


def test_what_is_sealed_can_be_read_by_the_site_alone(settings):
    sealed = seal("https://meet.example.org/host?pw=1")
    assert "example" not in sealed
    assert sealed != seal("https://meet.example.org/host?pw=1")
    assert unseal(sealed) == "https://meet.example.org/host?pw=1"
    settings.SECRET_KEY = "another"
    assert unseal(sealed) == ""


def test_a_key_that_was_replaced_still_opens(settings):
    sealed = seal("written before")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert unseal(sealed) == "written before"
    assert unseal(seal("written after")) == "written after"


def test_nothing_stays_nothing():
    assert seal("") == ""
    assert unseal("") == ""
