"""`sotay ingest` beside a service at work: it asks, and the service, which the index belongs to, reads."""

from pathlib import Path

from tests.bots.building import building, running
from tests.models.openrouter_server import OpenRouterServer, answer

NEW = "Gửi xe máy dưới tầng hầm B2, phí 100.000 đồng một tháng."
QUESTION = "Phi gui xe may duoi tang ham la bao nhieu?"


async def test_what_is_new_in_a_folder_is_answered_from_without_a_restart(tmp_path: Path) -> None:
    parking = answer("Phí gửi xe máy là 100.000 đồng một tháng ", "[1].")
    async with OpenRouterServer(parking) as model, building(tmp_path, model) as place:
        (tmp_path / "noi-bo/gui-xe.md").write_text(f"# Gửi xe\n\n{NEW}\n", encoding="utf-8")
        async with running(place.office, **place.environment) as service:
            await service.notes("dòng lệnh này")
            asked = await place.office.sotay("ingest")
            assert (asked.status, "đã được nhờ đọc lại" in asked.notes) == (0, True)
            await service.notes("read again, space noi-bo: 1 new")
            await service.type(QUESTION)
            await service.shows("gui-xe.md")
            refused = await place.office.sotay("ingest", str(tmp_path / "noi-bo"))
            assert (refused.status, "đang được một tiến trình khác dùng" in refused.notes) == (1, True)
