"""Names, passwords, numbers, plates, tokens and links: rules without I/O."""

import datetime as dt
import ipaddress
import time

import pytest

from freight.accounts.phones import normalise_phone, parse_phone
from freight.accounts.rules import check_name, check_password, normalise_email
from freight.accounts.tokens import csrf_of, is_token, new_token, token_hash
from freight.drivers.credentials import device_password, login_of, matches, new_login, tracker_id
from freight.drivers.rules import RIGHTS, broker_version, tidy_plate
from freight.errors import Invalid
from freight.shares.rules import check_expiry, device_of, network_of, share_token

NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
SECRET = b"s" * 32


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("1234567", "password_too_short"),
        ("a" * 201, "password_too_long"),
        ("QWERTY123", "password_guessable"),
        ("abababab", "password_guessable"),
        ("Me@Example.Com", "password_guessable"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, names=("me@example.com",))
    assert refused.value.code == code


@pytest.mark.parametrize(
    "password",
    [
        *("sunshine1", "dragon123", "superman2020", "Passw0rd!", "1q2w3e4r", "liverpool1", "19900512", "qazwsxedc"),
        *("привет123", "пароль2024", "йцукен123", "фывапролд", "Gfhjkm123", "bishkek2024", "Кыргызстан1", "kamaz5511"),
    ],
)
def test_what_many_use_is_guessed_first_in_every_alphabet(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password)
    assert refused.value.code == "password_guessable"


@pytest.mark.parametrize(
    "password",
    ["Усенов1985", "usenov1985", "jyrgal2024", "Zhyrgal77", "alatoo1234", "0555123456", "УсеновЖыргал", "usenovjyrgal"],
)
def test_a_password_made_of_ones_own_names_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, names=("Жыргал Усенов", "office@alatoo.example", "+996555123456"))
    assert refused.value.code == "password_guessable"


@pytest.mark.parametrize(
    "password", ["kumtor-42-naryn", "перевал Долон", "tractor77km", "a2b4c6d8", "4@8({[<369&#!1/" * 13]
)
def test_a_password_nobody_guesses_is_taken_at_once(password: str) -> None:
    began_s = time.process_time()
    check_password(password, names=("Жыргал Усенов", "office@alatoo.example", "+996555123456"))
    assert time.process_time() - began_s < 3


def test_a_long_sentence_is_a_password() -> None:
    check_password("едем в Ош через Тёо-Ашуу")


def test_a_name_is_tidied_and_bounded() -> None:
    assert check_name("  Бакыт \n Асанов ") == "Бакыт Асанов"
    assert check_name("\u202aБакыт\u202c \x1b[31mАсанов\u200b\x07") == "Бакыт [31mАсанов"
    assert check_name("می\u200cخواهم 👨\u200d👩\u200d👧") == "می\u200cخواهم 👨\u200d👩\u200d👧"
    for name in (" ", "\u200b", "\ufeff \u2066", "\u200d", "x" * 121):
        with pytest.raises(Invalid):
            check_name(name)


def test_an_address_is_lowered_and_looked_at() -> None:
    assert normalise_email(" Aibek@Alatoo.Example ") == "aibek@alatoo.example"
    for address in ("", "aibek", "a@b", "a b@c.kg", "a@b@c.kg"):
        with pytest.raises(Invalid):
            normalise_email(address)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0555 12-34-56", "+996555123456"),
        ("+996 (555) 123456", "+996555123456"),
        ("+7 701 234 56 78", "+77012345678"),
        ("+998901234567", "+998901234567"),
        ("12", None),
        ("звонить вечером", None),
        ("+" * 100, None),
    ],
)
def test_a_number_is_read_in_any_usual_spelling(text: str, number: str | None) -> None:
    assert parse_phone(text) == number


def test_an_impossible_number_names_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        normalise_phone("x", "driver.phone")
    assert refused.value.field == "driver.phone"


def test_a_token_is_long_random_and_recognised_by_its_form() -> None:
    first, second = new_token(), new_token()
    assert first != second and is_token(first)
    assert not is_token(first + "x") and not is_token("ы" * 43) and not is_token("")
    assert token_hash(first) != token_hash(second) and len(token_hash(first)) == 32


def test_the_word_against_forged_changes_does_not_give_the_token_away() -> None:
    token = new_token()
    assert csrf_of(token) == csrf_of(token) != csrf_of(new_token())
    assert token not in csrf_of(token)


def test_a_plate_is_written_in_capitals() -> None:
    assert tidy_plate(" 01kg  777 авс ") == "01KG 777 АВС"


def test_the_broker_is_told_what_to_lock_out() -> None:
    assert broker_version(3, False) == -broker_version(3, True)


def test_the_broker_is_told_of_a_new_password_and_of_new_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {broker_version(3, True), broker_version(4, True), 3, 0}
    monkeypatch.setattr("freight.drivers.rules.RIGHTS", RIGHTS + 1)
    assert len(versions | {broker_version(3, True), broker_version(4, True)}) == 6


def test_a_devices_secrets_change_with_login_version_and_purpose() -> None:
    login = new_login()
    made = {
        device_password(SECRET, login, 1),
        device_password(SECRET, login, 2),
        device_password(SECRET, new_login(), 1),
        device_password(b"t" * 32, login, 1),
        tracker_id(SECRET, login, 1),
    }
    assert len(made) == 5
    assert login_of(tracker_id(SECRET, login, 1)) == login
    assert login_of("12345678") == "12345678"
    assert matches("a", "a") and not matches("a", "ы")


def test_a_links_token_is_derived_and_43_characters_long() -> None:
    tokens = {share_token(SECRET, 1, b"a"), share_token(SECRET, 2, b"a"), share_token(SECRET, 1, b"b")}
    assert len(tokens) == 3 and all(is_token(token) for token in tokens)
    assert share_token(SECRET, 1, b"a") in tokens


def test_a_link_ends_ahead_and_within_a_year() -> None:
    check_expiry(None, NOW)
    check_expiry(NOW + dt.timedelta(days=366), NOW)
    for expires_at, code in ((NOW, "in_the_past"), (NOW + dt.timedelta(days=367), "too_far")):
        with pytest.raises(Invalid) as refused:
            check_expiry(expires_at, NOW)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3::4", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
    ],
)
def test_a_visitors_address_is_cut_to_its_network(address: str, network: str) -> None:
    assert str(network_of(ipaddress.ip_address(address))) == network


def test_an_unknown_address_stays_unknown() -> None:
    assert network_of(None) is None


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", "iPhone, Safari"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0", "Windows, Edge"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/124.0 YaBrowser/24.4 Mobile Safari/537.36", "Android, Yandex"),
        ("curl/8.5.0", ""),
    ],
)
def test_a_visitors_device_is_told_in_two_words(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
