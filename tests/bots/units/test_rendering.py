"""Units as they are rendered: for which settings and machine which lines stand in them."""

import re
from pathlib import Path
from typing import Any

import pytest

from bots.slack.surface import RATES as SLACK_RATES
from bots.telegram.surface import RATES as TELEGRAM_RATES
from bots.units.place import closed, systemd_version, templates
from bots.units.rendering import EVERY_FILE, GPU, SYSTEM, SYSUSERS, TMPFILES, UNITS, filled, rendered, stop_seconds
from tests.bots.units.offices import ODD, PLAIN, POSTGRESQL, place_in, settings_of

SERVICE, BACKUP, INGEST = (SYSTEM / name for name in ("sotay.service", "sotay-backup.service", "sotay-ingest.service"))
TIMER, WATCH = SYSTEM / "sotay-backup.timer", SYSTEM / "sotay-ingest.path"


def files_of(
    folder: Path,
    text: str = PLAIN,
    *,
    split: bool = False,
    **changes: Any,  # noqa: ANN401
) -> dict[Path, list[str]]:
    files = rendered(settings_of(folder, text), place_in(folder, **changes), split=split)
    return {path: lines.splitlines() for path, lines in files.items()}


def test_every_file_is_known_to_who_takes_them_away(tmp_path: Path) -> None:
    whole = files_of(tmp_path, has_card=True)
    embedder = '[models]\nembedder = "bge-m3"\n'
    split = files_of(tmp_path, POSTGRESQL + embedder, split=True, has_card=True)
    assert whole.keys() | split.keys() == set(EVERY_FILE)
    assert {path.name for path in templates().iterdir() if path.is_file()} == {
        *UNITS, "gpu.conf", "sysusers.conf", "tmpfiles.conf",
    }  # fmt: skip


@pytest.mark.parametrize("text", [PLAIN, ODD, POSTGRESQL], ids=["plain", "odd", "postgresql"])
def test_no_placeholder_is_left_and_no_key_without_a_value_but_those_that_mean_it(tmp_path: Path, text: str) -> None:
    for lines in files_of(tmp_path, text, has_card=True).values():
        assert not [line for line in lines if re.search(r"@[A-Z_]+@", line)]
        empty = {line for line in lines if line.endswith("=")}
        assert empty <= {"CapabilityBoundingSet=", "AmbientCapabilities="}


def test_the_program_is_started_from_no_folder_that_it_may_write_to(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    start = next(line for line in files_of(tmp_path)[SERVICE] if line.startswith("ExecStart="))
    assert start == f'ExecStart="{place.python}" "-P" "-X" "faulthandler" "-m" "bots" "--config" "{place.config}" run'


def test_the_watch_over_it_and_the_way_back(tmp_path: Path) -> None:
    lines = files_of(tmp_path)[SERVICE]
    for line in (
        "Type=notify", "NotifyAccess=main", "WatchdogSec=30", "Restart=always", "StartLimitIntervalSec=0",
        "KillMode=mixed", "OOMPolicy=continue", "MemoryMax=90%", "TasksMax=2048", "LimitNOFILE=65536", "LimitCORE=0",
        "UMask=0077", "User=sotay",
    ):  # fmt: skip
        assert line in lines


def test_the_pause_before_the_next_start_grows_where_systemd_can_do_that(tmp_path: Path) -> None:
    assert not any(line.startswith("RestartSteps") for line in files_of(tmp_path)[SERVICE])
    assert "RestartSteps=6" in files_of(tmp_path, systemd=254)[SERVICE]
    assert "RestartMaxDelaySec=5min" in files_of(tmp_path, systemd=257)[SERVICE]


def test_who_stops_it_waits_longer_than_the_last_answers_take(tmp_path: Path) -> None:
    text = PLAIN + "[inbox]\ndrain_seconds = 200\n"
    seconds = stop_seconds(settings_of(tmp_path, text))
    assert seconds > 200 + max(SLACK_RATES.call_seconds, TELEGRAM_RATES.call_seconds)
    assert f"TimeoutStopSec={seconds}" in files_of(tmp_path, text)[SERVICE]


def test_a_whole_folder_of_credentials_is_lent_and_no_secret_stands_in_a_unit(tmp_path: Path) -> None:
    files = files_of(tmp_path)
    assert f"LoadCredential=SOTAY:{tmp_path}/credentials" in files[SERVICE]
    assert f'd "{tmp_path}/credentials" 0700 root root -' in files[TMPFILES]
    assert not [line for lines in files.values() for line in lines if "xoxb" in line or "1:x" in line]


def test_the_usual_data_folder_is_made_by_systemd_and_another_one_is_opened(tmp_path: Path) -> None:
    usual, other = files_of(tmp_path)[SERVICE], files_of(tmp_path, ODD)[SERVICE]
    assert "StateDirectory=sotay" in usual
    assert not any(line.startswith("ReadWritePaths") for line in usual)
    assert "StateDirectory=sotay" not in other
    assert r'ReadWritePaths="-/srv/Sổ Tay 100%%/dữ \"liệu\""' in other
    assert 'ReadWritePaths="-/mnt/sao lưu"' in other


def test_the_user_is_made_and_owns_what_is_written(tmp_path: Path) -> None:
    files = files_of(tmp_path, user="handbook")
    assert 'u handbook - "Sổ Tay" "/var/lib/sotay" -' in files[SYSUSERS]
    assert 'd "/var/lib/sotay" 0700 handbook handbook -' in files[TMPFILES]
    assert "User=handbook" in files[BACKUP]


def test_of_the_homes_only_what_is_needed_is_seen(tmp_path: Path) -> None:
    elsewhere: dict[str, Any] = {"code": (Path("/opt/sotay"),), "config": Path("/etc/sotay/sotay.toml")}
    assert "ProtectHome=yes" in files_of(tmp_path, **elsewhere)[SERVICE]
    lines = files_of(tmp_path, ODD, **elsewhere)[SERVICE]
    assert "ProtectHome=tmpfs" in lines
    shown = [line for line in lines if line.startswith("Bind")]
    assert shown == [
        'BindReadOnlyPaths="-/home/lan/Tài liệu $HOME 50%%"',
        'BindReadOnlyPaths="-/root/mô hình"',
    ]
    below_home = files_of(tmp_path, PLAIN.replace("/var/lib/sotay", "/home/sotay"), **elsewhere)[SERVICE]
    assert 'BindPaths="-/home/sotay"' in below_home


def test_the_network_is_for_who_needs_it(tmp_path: Path) -> None:
    sqlite, postgresql = files_of(tmp_path), files_of(tmp_path, POSTGRESQL)
    remote = files_of(tmp_path, PLAIN.replace('"/srv/noi-bo"', '"/srv/noi-bo", "s3://bucket/x"'))
    for files, path, is_cut in (
        (sqlite, SERVICE, False), (sqlite, BACKUP, True), (sqlite, INGEST, True),
        (postgresql, BACKUP, False), (postgresql, INGEST, False), (remote, INGEST, False), (remote, BACKUP, True),
    ):  # fmt: skip
        assert ("PrivateNetwork=yes" in files[path]) is is_cut
        assert ("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6" in files[path]) is not is_cut


def test_a_card_opens_its_devices_to_who_computes_on_it(tmp_path: Path) -> None:
    drop_in = SYSTEM / "sotay.service.d" / GPU
    assert drop_in not in files_of(tmp_path)
    files = files_of(tmp_path, has_card=True, modprobe=Path("/usr/bin/nvidia-modprobe"))
    assert "DeviceAllow=char-nvidia-uvm rw" in files[drop_in]
    assert "ExecStartPre=+-/usr/bin/nvidia-modprobe -c 0 -u" in files[drop_in]
    assert SYSTEM / "sotay-ingest.service.d" / GPU not in files, "the bundled embedder needs none"
    embedder = '[models]\nembedder = "bge-m3"\n'
    assert SYSTEM / "sotay-ingest.service.d" / GPU in files_of(tmp_path, PLAIN + embedder, has_card=True)


def test_the_clock_of_the_office_rings(tmp_path: Path) -> None:
    lines = files_of(tmp_path, PLAIN + '[office]\ntimezone = "Asia/Tokyo"\n')[TIMER]
    assert "OnCalendar=*-*-* 03:30:00 Asia/Tokyo" in lines
    assert "Persistent=yes" in lines


def test_folders_here_are_watched_and_without_folders_nothing_is_read(tmp_path: Path) -> None:
    assert "PathChanged=/srv/noi-bo" in files_of(tmp_path)[WATCH]
    assert "PathChanged=/home/lan/Tài liệu $HOME 50%%" in files_of(tmp_path, ODD)[WATCH]
    remote = files_of(tmp_path, PLAIN.replace('"/srv/noi-bo"', '"s3://bucket/x"'))
    assert (INGEST in remote, WATCH in remote) == (True, False)
    none = files_of(tmp_path, PLAIN.replace('sources = ["/srv/noi-bo"]', ""))
    assert not {INGEST, WATCH} & none.keys()


def test_several_processes_have_an_index_and_a_port_each_and_those_without_token_are_left_out(tmp_path: Path) -> None:
    files = files_of(tmp_path, POSTGRESQL, split=True)
    seen = set()
    for name in ("slack", "telegram", "worker"):
        lines = files[SYSTEM / f"sotay-{name}.service"]
        assert "Conflicts=sotay.service" in lines
        assert any(line.endswith(f"run --only {name}") for line in lines)
        seen |= {line for line in lines if line.startswith("Environment=")}
    assert seen == {
        'Environment="SOTAY_DATA__INDEX=/var/lib/sotay/slack" SOTAY_WEB__PORT=9465',
        'Environment="SOTAY_DATA__INDEX=/var/lib/sotay/telegram" SOTAY_WEB__PORT=9466',
        'Environment="SOTAY_DATA__INDEX=/var/lib/sotay/worker" SOTAY_WEB__PORT=9467',
    }
    assert 'Environment="SOTAY_DATA__INDEX=/var/lib/sotay/ingest"' in files[INGEST]
    alone = files_of(tmp_path, POSTGRESQL.replace('token = "1:x"', ""), split=True)
    assert SYSTEM / "sotay-telegram.service" not in alone
    silent = files_of(tmp_path, POSTGRESQL + "[web]\nport = 0\n", split=True)[SYSTEM / "sotay-slack.service"]
    assert any(line.endswith("SOTAY_WEB__PORT=0") for line in silent)


def test_a_placeholder_that_nobody_fills_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        filled("@NOBODY@\n", {})


def test_folders_that_only_their_owner_may_enter_are_found(tmp_path: Path) -> None:
    """Below a temporary folder only the folder itself counts: it is shown to the service without those above."""
    shut = tmp_path / "shut"
    (shut / "open").mkdir(parents=True)
    shut.chmod(0o700)
    (shut / "open").chmod(0o755)
    assert [*closed([shut, shut / "open"])] == [shut]


def test_the_release_of_systemd_is_known_where_there_is_one() -> None:
    assert systemd_version() == 0 or systemd_version() > 200
