"""The command line as people use it: real processes, a real index, a model behind a real socket."""

import json
import signal
from pathlib import Path

import pytest

from tests.bots.office import LEAVE, Office
from tests.gguf import smollm2_path
from tests.models.openrouter_server import OpenRouterServer, answer, stall_after

__all__ = ["smollm2_path"]
QUESTION = "Toi duoc nghi phep nam bao nhieu ngay?"
UNFINISHED = stall_after("Bạn được nghỉ phép năm và hưởng nguyên lương theo đúng quy định ")
GOOD = answer("Bạn được nghỉ phép năm 14 ngày ", "[1].")


async def test_ask_answers_from_the_right_passage_as_json(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as server:
        office = Office.found(tmp_path, local=server.base_url)
        assert (await office.sotay("ingest")).status == 0
        done = await office.sotay("ask", QUESTION, "--json")
    assert done.status == 0
    assert done.json.keys() == {"answer", "outcome", "lang", "citations", "passages", "route", "timings"}
    assert (done.json["outcome"], done.json["lang"], done.json["route"]) == ("answered", "vi", "local")
    assert done.json["citations"] == [
        {
            "n": 1,
            "document": "nghi-phep.md",
            "page": None,
            "heading": "Điều 4",
            "quote": "Người lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương.",
        }
    ]
    assert [p["document"] for p in done.json["passages"]] == ["nghi-phep.md"]


async def test_ask_streams_text_and_sources_for_people(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as server:
        office = Office.found(tmp_path, local=server.base_url)
        await office.sotay("ingest")
        done = await office.sotay("ask", QUESTION)
    assert "Bạn được nghỉ phép năm 14 ngày [1]." in done.out
    assert "nghi-phep.md" in done.out
    assert "Trả lời tại chỗ" in done.out
    assert "Traceback" not in done.notes


async def test_what_a_person_may_not_read_is_neither_searched_nor_named(tmp_path: Path) -> None:
    question = "Kỹ sư bậc 5 hưởng mức lương bao nhiêu một tháng?"
    async with OpenRouterServer(answer("Kỹ sư bậc 5 hưởng mức lương 25.000.000 đồng [1].")) as server:
        office = Office.found(tmp_path, local=server.base_url)
        await office.sotay("ingest")
        lan = await office.sotay("ask", question, "--json")
        asked_for_lan = json.dumps([request.body for request in server.requests], ensure_ascii=False)
        hoa = await office.sotay("ask", question, "--as", "hoa", "--json")
        stranger = await office.sotay("ask", question, "--as", "khach", "--json")
    assert "luong.md" not in lan.out
    assert "25.000.000" not in asked_for_lan
    assert [c["document"] for c in hoa.json["citations"]] == ["luong.md"]
    assert (stranger.json["outcome"], stranger.json["passages"]) == ("denied", [])


async def test_ingest_reads_only_what_changed_and_forgets_what_is_gone(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as server:
        office = Office.found(tmp_path, local=server.base_url)
        first = await office.sotay("ingest")
        again = await office.sotay("ingest")
        (tmp_path / "noi-bo/them.md").write_text("# Thêm\n\nQuy định thêm về phép năm.\n", encoding="utf-8")
        added = await office.sotay("ingest")
        (tmp_path / "noi-bo/nghi-phep.md").unlink()
        await office.sotay("ingest")
        asked = await office.sotay("ask", QUESTION, "--json")
    assert [row.split()[1:8] for row in first.notes.splitlines() if row.startswith("noi-bo ")] == [
        ["1", "0", "0", "0", "0", "1", row_seconds(first.notes, "noi-bo")]
    ]
    assert numbers(again.notes, "noi-bo") == ["0", "0", "1", "0", "0", "0"]
    assert numbers(added.notes, "noi-bo") == ["1", "0", "1", "0", "0", "1"]
    assert "nghi-phep.md" not in json.dumps(asked.json["citations"])


def numbers(notes: str, space: str) -> list[str]:
    """new, changed, unchanged, removed, refused and chunks of a space's row."""
    row = next(line for line in notes.splitlines() if line.startswith(f"{space} "))
    return row.split()[1:7]


def row_seconds(notes: str, space: str) -> str:
    return next(line for line in notes.splitlines() if line.startswith(f"{space} ")).split()[7]


async def test_a_folder_that_no_space_names_becomes_one_of_its_own(tmp_path: Path) -> None:
    other = tmp_path / "khac"
    other.mkdir()
    (other / "nghi.md").write_text(LEAVE, encoding="utf-8")
    async with OpenRouterServer(GOOD) as server:
        office = Office.found(tmp_path, local=server.base_url)
        done = await office.sotay("ingest", str(other), "--space", "phong-khac")
        asked = await office.sotay("ask", QUESTION, "--json")
    assert '"phong-khac"' in done.notes
    assert [c["document"] for c in asked.json["citations"]] == ["nghi.md"]


async def test_refused_files_are_listed_with_what_to_do_and_stop_nothing(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    (tmp_path / "noi-bo/hong.docx").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "noi-bo/trong.pdf").write_bytes(b"")
    done = await office.sotay("ingest")
    assert done.status == 0
    assert numbers(done.notes, "noi-bo") == ["1", "0", "0", "0", "2", "1"]
    assert "hong.docx" in done.notes
    assert "trong.pdf" in done.notes


async def test_chat_keeps_the_thread_votes_and_corrections(tmp_path: Path) -> None:
    typed = f"{QUESTION}\n/sources\n/up\n/down sai số\n/correct Được nghỉ 15 ngày.\nCòn người mới?\n/khong\n/quit\n"
    async with OpenRouterServer(GOOD) as server:
        office = Office.found(tmp_path, local=server.base_url)
        await office.sotay("ingest")
        chatted = await office.sotay("chat", typed=typed)
        prompts = [request.body["messages"][-1]["content"] for request in server.requests]
    *_, last_prompt = [prompt for prompt in prompts if not prompt.endswith("(yes/no)?")]  # the check asks that
    sft = await office.sotay("feedback", "export", "--format", "sft")
    kto = await office.sotay("feedback", "export", "--format", "kto")
    assert chatted.status == 0
    assert "/khong" in chatted.out
    assert "phép năm" in last_prompt.splitlines()[-1], "the follow-up stands alone"
    assert [json.loads(line)["completion"][0]["content"] for line in sft.out.splitlines()] == ["Được nghỉ 15 ngày."]
    assert [json.loads(line)["label"] for line in kto.out.splitlines()] == [False]


async def test_ctrl_c_stops_an_answer_and_the_chat_goes_on(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED, GOOD) as server:
        office = Office.found(tmp_path, local=server.base_url)
        await office.sotay("ingest")
        chat = await office.start("chat")
        assert chat.stdin
        assert chat.stdout
        chat.stdin.write(f"{QUESTION}\n".encode())
        await chat.stdout.readuntil("nguyên lương".encode())
        chat.send_signal(signal.SIGINT)
        await chat.stdout.readuntil("Đã dừng".encode())
        assert await server.requests[0].hung_up.wait()
        chat.stdin.write(f"{QUESTION}\n/quit\n".encode())
        rest, notes = await chat.communicate()
    assert chat.returncode == 0
    assert "14 ngày [1]" in rest.decode()
    assert "Traceback" not in notes.decode()


async def test_a_model_server_that_is_away_is_said_in_one_sentence(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    await office.sotay("ingest")
    done = await office.sotay("ask", QUESTION, "--json")
    assert done.status == 1
    assert done.json["outcome"] == "failed"
    assert "127.0.0.1:9" in done.json["answer"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "  "], "trống"),
        (["ask", "x" * 5000], "4000"),
        (["ingest", "/no/such/folder"], "/no/such/folder"),
        (["models", "fetch", "gpt-5"], "qwen2.5-7b-instruct"),
        (["models", "check", "smollm2-135m"], "sotay models fetch smollm2-135m"),
        (["feedback", "export", "--format", "csv"], "sft"),
        (["feedback", "export", "-o", "/no/such/folder/x"], "--output"),
    ],
)
async def test_bad_input_gets_a_sentence_that_says_what_to_do(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = await Office.found(tmp_path).sotay(*arguments)
    assert done.status == 1
    assert words in done.notes
    assert "Traceback" not in done.notes


async def test_an_empty_handbook_says_how_to_fill_it(tmp_path: Path) -> None:
    done = await Office.found(tmp_path).sotay("ask", QUESTION)
    assert "sotay ingest" in done.notes


async def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    settings = tmp_path / "sotay.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("[console]", "[consle]"), encoding="utf-8")
    checked = await office.sotay("config", "check", LANG="vi_VN.UTF-8")
    asked = await office.sotay("ask", QUESTION, LANG="vi_VN.UTF-8")
    line = settings.read_text(encoding="utf-8").splitlines().index("[consle]") + 1
    assert (checked.status, asked.status) == (1, 1)
    assert f"sotay.toml:{line}" in checked.out
    assert "console" in asked.notes


async def test_config_show_masks_secrets(tmp_path: Path) -> None:
    done = await Office.found(tmp_path, key="sk-or-v1-canary").sotay("config", "show")
    assert done.status == 0
    assert "canary" not in done.out + done.notes
    assert "********" in done.out


async def test_only_public_passages_go_out_and_only_when_enabled(tmp_path: Path) -> None:
    """Strategy api, key set: internal passages still stay; made public, they go, with the flags that forbid keeping."""
    async with OpenRouterServer(GOOD) as local, OpenRouterServer(GOOD) as remote:
        office = Office.found(tmp_path, local=local.base_url, remote=remote.base_url, key="sk-or-v1-key")
        await office.sotay("ingest")
        kept = await office.sotay("ask", QUESTION, "--json", SOTAY_ROUTING__STRATEGY="api")
        assert (kept.json["route"], remote.connections) == ("local", 0)
        public = {"SOTAY_ROUTING__STRATEGY": "api", "SOTAY_SPACES__NOI_BO__LABEL": "public"}
        sent = await office.sotay("ask", QUESTION, "--json", **public)
        assert (sent.json["route"], remote.connections) == ("api", 1)
        assert remote.requests[0].body["provider"]["data_collection"] == "deny"
        private = await office.sotay("ask", "So cua toi 0912345678, toi duoc nghi may ngay?", "--json", **public)
        assert (private.json["route"], remote.connections) == ("local", 1)


async def test_a_real_model_in_the_process_answers(tmp_path: Path, smollm2_path: Path) -> None:
    """SmolLM2 writes gibberish: only the way it takes is looked at."""
    office = Office.found(tmp_path)
    settings = tmp_path / "sotay.toml"
    text = settings.read_text(encoding="utf-8").replace(
        'local_base_url = "http://127.0.0.1:9/v1"', f'local = "{smollm2_path}"\nmax_tokens = 24\nn_ctx = 4096'
    )
    settings.write_text(text, encoding="utf-8")
    await office.sotay("ingest")
    done = await office.sotay("ask", QUESTION, "--json")
    assert done.status == 0
    assert done.json["outcome"] in {"answered", "not_found"}
    assert done.json["timings"]["first_token"] > 0
    assert done.json["passages"][0]["document"] == "nghi-phep.md"


async def test_help_teaches_the_first_steps(tmp_path: Path) -> None:
    done = await Office.found(tmp_path).sotay("--help")
    assert "sotay ingest FOLDER" in done.out.replace("\n", " ").replace("  ", " ")


async def test_the_catalogue_is_listed_with_licences(tmp_path: Path) -> None:
    done = await Office.found(tmp_path).sotay("models", "list", COLUMNS="250")
    assert "Apache-2.0" in done.out
    assert "research use only" in done.out
