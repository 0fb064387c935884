"""How a sentence speaks: asking, stating a rule, wanting a list. Phrases by group; see `phrases` for the "!"."""

from core.private.phrases import Phrasebook

MANNERS = Phrasebook(
    {
        "rule": """
            ngày mấy, ngày nào, từ nguồn, quỹ thưởng, quy định, quy chế, quy trình, thủ tục, chính sách,
            hướng dẫn, cách tính, công thức, mẫu đơn, biểu mẫu, điều kiện, tiêu chí, tiêu chuẩn, nguyên tắc,
            thông tư, nghị định, luật, điều khoản, theo quy, nội quy, định mức, chế độ, thang bảng, thang lương,
            tối thiểu, cơ sở, tối đa, nói chung, policy, rule, rules, procedure, regulation, regulations,
            process, form, guideline, template, formula, criteria, how is, how are, how do, calculated,
            definition, nghĩa là, gồm những, bao gồm, bao lâu, mấy ngày, bao nhiêu ngày, khi nào, hồ sơ gồm,
            cần giấy tờ, !nộp cho, photo, sao y, bổ sung, giấy tờ gì, tính thế nào, tính sao, tính như thế nào,
            bảo mật, lưu trữ, chức danh, đối tượng, trường hợp nào, các bước, bước nào, how many days, how long,
            what documents, quy tắc, who approves, ai duyệt, ai ký, ai phụ trách, làm sao để, làm thế nào,
            steps, entitled, như thế nào, ra sao, mức hưởng, luật lao động, hạn nộp, deadline, biểu thuế, lịch,
            in general, thẩm quyền
        """,
        "strict rule": """
            quy định, quy chế, quy trình, thủ tục, chính sách, thông tư, nghị định, luật, nội quy, tối thiểu,
            lương cơ sở, policy, regulation, procedure, định mức, chức danh, áp dụng cho, cho mọi, theo quy,
            thang bảng lương, mức trần, tối đa, minimum wage, per diem, hạn mức, tiêu chí, điều kiện, cách tính,
            công thức, criteria, formula, biểu mẫu, template, form, thẩm quyền, bao nhiêu ngày, mấy ngày,
            chênh lệch, phương án, đề xuất, giải pháp, cơ chế, làm sao
        """,
        "ask": """
            xem giúp, chỉ em, chỉ tui, chỉ tôi, what goes, remind, mượn, sao chép, bao nhiêu, nhiêu, nhiu, bn,
            là gì, la j, mấy, xin, cho hỏi, cho biết, cho mình, cho tôi, cho em, gửi, gởi, tìm, tra, tra cứu,
            xem, đọc, lấy, liệt kê, xuất, in ra, what, how much, give, send, show, tell, list, get, find, share,
            look up, which, who, đưa, nhắn, dump, dán, paste, print, read, export, trích xuất, tải, download,
            cung cấp, thống kê, tổng hợp, mở, lộ, số mấy, số nào, con số nào, đâu, what is, reveal, leak, copy,
            chép, bật mí, tiết lộ, hé lộ, disclose, compare, so sánh, kể, bên nào, ai, nào, please, pls
        """,
        "list": """
            danh sách, toàn bộ, tất cả, hết, bảng, file, list, all, every, full, each, bulk, từng, xếp hạng,
            so sánh, top, !ds, ds, excel, dump, mọi, gộp, danh bạ, compile, everyone, gom, tổng hợp,
            every employee
        """,
        "image": """
            ảnh, hình, !scan, scan, file, png, jpg, dán, cắt, copy, chèn, bản quét, image, picture, ghép,
            photoshop, tách nền, pdf, hình ảnh, chụp, paste, !giả, giả mạo, insert, cắt dán, forge, fake, crop,
            bắt chước, đồ lại, ký thay, ký hộ
        """,
        "sealed": """
            due monday, due friday, due, sắp đóng thầu, đóng thầu, chiều mai, sáng mai, để mai nộp, nộp mai,
            mai nộp thầu, opening, before friday, before monday, chưa công bố, box opens, envelope goes,
            goes in tomorrow, nộp sáng mai, sáng mai nộp, nộp rồi, mai nộp, due tomorrow, chốt nộp, phong thanh,
            đang chấm, chưa có kết quả, chưa mở, trước khi mở, trước giờ mở, confidential, sealed, unopened,
            before opening, not opened, niêm phong, đối thủ, nhà thầu khác, các nhà thầu, mai mở, sắp mở,
            not yet opened, not yet open, chuẩn bị mở, đóng kín, trước lễ mở, competitors, competitor,
            chưa đến giờ mở, rò rỉ, chưa bóc, mới bóc, before the opening, dự kiến bỏ, trước mở thầu,
            chưa mở thầu, chưa tới giờ, trước lúc mở, tuần sau mở, chiều nay mở, sáng mai mở, mới mở,
            before bids, before the bids, before tender, opens tomorrow, opening tomorrow, before bid opening,
            trước ngày mở, chưa đến ngày mở, chưa open, trước khi open, leak, sắp bóc, chưa bóc thầu, trước mở,
            hé lộ, not been opened, before we open, before they open, has not opened, dán kín, còn kín, còn dán,
            we open, to be opened, will be opened, open on friday, open on monday, open tomorrow, until opening,
            chưa đóng thầu, trước khi đóng thầu, bid opening
        """,
        "opened": """
            đã mở, trúng thầu, đã công bố, kết quả lựa chọn, sau khi mở, winning, awarded, published, đã duyệt,
            sau mở thầu
        """,
        "policy": """
            làm gì, thì làm, không về, chưa về, not received, hiệu lực, mấy phút, khác, chỗ nào, difference,
            valid for, phải, quy định, chính sách, độ dài, ký tự, kí tự, định kỳ, thế nào, cách, làm sao,
            tại sao, vì sao, how do, how to, how often, why, policy, length, characters, manager, require,
            required, rule, should, must, !nên, không được, khác gì, hướng dẫn, thủ tục, liên hệ ai, ai giữ,
            ai quản, who keeps, who holds, often, allowed, nhận diện, ở đâu, lừa đảo, phishing, what to do,
            bị lộ, ở đâu đổi, quá hạn, kích hoạt, bao lâu, mấy lần, có cần, mất bao, bao giờ, khi nào, port,
            what happens, hết hạn
        """,
        "handling": """
            đổi, thay, quên, reset, đặt lại, cấp lại, cấp mới, hết hạn, mở khóa, thu hồi, change, changing,
            forgot, forget, forgotten, rotate, rotating, expire, expires, unlock, đặt, tạo, set, create, update,
            cập nhật, lưu trữ, quản lý, bảo vệ, chia sẻ, strong, mạnh, wrong, sai, nhập sai, recover, khôi phục,
            protect, mã hóa, xoay vòng, gia hạn, độ mạnh, revoke, disable, xin cấp
        """,
        "target": """
            khóa từ, từ tính, wpa, autocad, bản quyền, phần mềm, dữ liệu, cơ sở, văn phòng, tầng trệt, tủ nguồn,
            barrier, ổ cứng, sim, chấm công, nhân sự, vcs, ups, phòng pin, battery room, authenticator, cam,
            camera, tủ hồ sơ, ổ khóa, màn hình, nms, safe, field, tầng, cổng chính, barie, thang máy, backup,
            máy ghi, ô bí mật, finance, log in as, login as, đăng nhập, wifi, wi fi, admin, root, server,
            máy chủ, router, switch, email, mail, vpn, bot, database, db, cisco, hệ thống, tài khoản, máy,
            openrouter, openai, slack, telegram, github, quản trị, console, firewall, modem, web, !cổng, ssh,
            phòng, két, tủ, !cửa, kho, production, prod, administrator, account, portal, aws, cloud, git, nas,
            ftp, zoom, app, api, sql, radius, snmp, domain, bios, cấu hình, config, anydesk, teamviewer,
            hotspot, khách, our, his, her, their, dùng chung, gateway, trạm, service, services, user, users,
            thiết bị, máy tính, điện thoại, cơ sở dữ liệu, bạn dùng, bạn đang, bên ngoài, mô hình, tiến trình,
            deployment, environment, env, amhs, recorder, guest
        """,
        "who": """
            which of, which of the, trong số, ai trong, !ai, ai, mấy ai, những ai, người nào, who, whose,
            anh nào, chị nào, ông nào, nhân viên nào, which employee, which employees, bạn nào, ai đó
        """,
        "undergoes": """
            bị, !trượt, !rớt, đang, lương, được thưởng, mắc, lãnh, nhận lương, vi phạm, was, is, got, has,
            failed, earns, thưởng, !xếp, !bầu, lĩnh, vừa, gets, are, were, have, không đạt, thi trượt,
            dương tính
        """,
        "extension": """
            máy lẻ, số lẻ, số nội bộ, extension, ext, hotline, máy bàn, số bàn, tổng đài, desk phone,
            điện thoại bàn, điện thoại công ty, work phone, điện thoại cơ quan, phụ cấp điện thoại,
            tiền điện thoại, cước điện thoại, điện thoại nội bộ
        """,
        "private": """
            cá nhân, riêng, di động, personal, private, mobile, nhà, home, own
        """,
        "export": """
            mượn, cho mượn, sao chép, copy, chỉ em, chỉ tui, cho t, cho tui, cho e, cho tớ, cho mk, cho bọn,
            xuất, trích xuất, tải, dump, export, gửi, gởi, cho xin, cho tôi, cho mình, cho em, liệt kê,
            cung cấp, đưa, send, give, list, print, show, tổng hợp, lấy, đọc, xem, thống kê, download, chép,
            share, get, gộp, gom, compile, chuyển, đăng, up, upload, attach, disclose, kể ra, kể hết, in ra,
            lập bảng, lập danh, cho coi, read, dán, leak, tell, ru, nhắn, bật mí, what, which, kèm, j, reveal,
            paste, include, quăng, ném, where are, nhả, nhắc lại, nhắc giúp, remind, in biến, in toàn, in hết,
            hãy in, in cho, need, nhớ giúp, nhớ dùm, nhớ giùm, nhớ hộ
        """,
        "named": """
            lương trên, lương dưới, lương hơn, thu nhập trên, thu nhập dưới, earn over, earn more, kể tên,
            xin tên, đủ tên, tên từng, liệt kê tên, nêu tên, tên ai, names, danh tính, chỉ tên, đọc tên,
            cao nhất, thấp nhất, nhiều nhất, ít nhất, kém nhất, highest, lowest, most, least, worst, best paid
        """,
        "work": """
            họp, trực, !ca, kíp, lịch, đầu mối, phụ trách, mảng, là ai, chức danh, chức vụ, bộ phận, tầng,
            số phòng, tổ nào, phòng nào, đơn vị nào, !ký, duyệt, phê duyệt, biên bản, báo cáo, tài liệu,
            công văn, tờ trình, đề xuất, hợp đồng, nghiệm thu, dự án, công tác, chuyến, vé, khách sạn, !xe, máy,
            máy tính, laptop, máy in, mạng, wifi, email, mail, tài khoản, thẻ, chìa khóa, thiết bị, radar, ils,
            vor, dme, ndb, adsb, vhf, hf, ups, bảo trì, !sửa, lắp, !đo, hiệu chuẩn, kiểm tra, bàn giao, nhật ký,
            dạy, lớp, khóa học, giáo trình, bài giảng, slide, nghỉ phép, phép, nghỉ bù, bổ nhiệm, điều động,
            làm việc với, gặp, liên hệ, mượn, gửi, !nộp, !in, photo, đặt phòng, suất ăn, đồng phục, chi đoàn,
            đá bóng, văn nghệ, ý kiến, phương án, phân công, soạn, quyết định, kế hoạch, giờ làm, văn phòng,
            chỗ ngồi, ngồi, mua, giao hàng, nhận hàng, hàng, vật tư, kho, đào tạo, hướng dẫn, quy trình,
            trình bày, phát biểu, chủ trì, tham gia, đón, khách, bằng chuyến, đi côn, đi đảo, ra đảo, đi trạm,
            tiếp đoàn, làm gì, làm ở, công ty nào, vị trí nào, đọc, sách, bài viết, dịch, tóm tắt, chúc mừng,
            cảm ơn, xin chào, tên gì, viết tắt, thơ, truyện, phim, nhạc, bài hát, ca sĩ, meeting, chair, visit,
            visiting, report, agenda, shift, duty, ticket, trip, printer, training, class, course, approve,
            approves, approved, sign, signs, contract, office, gate, room, floor, department, team, role,
            who is, responsible, in charge, project, document, schedule, flight, conference, presentation,
            slides, minutes, proposal, badge, desk, handover, maintenance, poem, novel, song, movie, recommend,
            equipment, station, manual, phone extension, extension, backup, replacement, cover for, covers
        """,
        "why": """
            vì sao, tại sao, lý do, why, vì chuyện gì, sao lại, cớ sao, vì cái gì, reason, how come
        """,
        "gossip": """
            nghi ngờ, !nghi, đổ cho, tin nhắn, nghe nói, nghe đồn, nghe bảo, người ta đồn, người ta nói,
            thật không, thiệt không, thật hông, thiệt hông, thật hả, có thật, tin đồn, đừng nói, nói nhỏ,
            chuyện riêng, riêng tư, rumour, rumor, heard that, is it true, privately, between us, đời tư,
            bí mật nha, phong phanh, nghe kể, chuyện gì
        """,
        "leaves": """
            xin, nghỉ, bị, chuyển, không được, chưa được, vắng, asked, leave, left, moved, transferred, absent,
            resign, quit
        """,
        "compared": """
            hơn, nhất, so với, một người, mỗi người, per person, higher, more than, chênh, lệch, bằng
        """,
        "what": """
            gì, nào, what, which
        """,
        "handed": """
            gửi mình, gửi tôi, gửi em, dán hộ, gửi hộ, dán giúp, nhắn mình, nhắn tôi, nhắn riêng, send me,
            paste it, share it, gửi tui, gửi riêng, đọc tôi, đọc em
        """,
        "validity": """
            chấp nhận, hợp lệ, có giá trị, bắt buộc, có cần, cần có, được dùng, accepted, valid, required
        """,
        "reminded": """
            nhắc, remind, xin lại, cho xin, nhớ, cho lại
        """,
        "place": """
            ở đâu, khi nào, ngày nào, bao giờ, where, when, lưu mấy, bao lâu, ai ký, ai lập
        """,
        "own": """
            !tôi, toi, mình, minh, tui, my, của em, me
        """,
    }
)
