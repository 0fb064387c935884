"""What is private though it is nobody's: phrases by group for secrets, records, tenders. See `phrases` for the "!"."""

THINGS = {
    "secret": """
        ký tự đằng sau, xoay mấy số, nhập chữ gì, chữ gì thì vô, chữ gì thì vào, login code, sign in code,
        aws secret, chữ mở, second box, second field, keypad digits, keypad number, seed phrase,
        recovery words, mã gì, mã bốn số, mã sáu số, chuỗi nào, key bản quyền, khóa bản quyền, dãy nào,
        khóa ssh, ssh keys, license key, licence key, product key, số khóa, mấy số để mở, bấm số nào,
        bấm mấy, gõ số nào, mã mở khóa, pattern mở khóa, hình vẽ mở khóa, câu hỏi bí mật, mã dự phòng,
        backup codes, backup code, mã qr đăng nhập, chuỗi bí danh, pin két, pin cửa, pin tủ, pin của,
        pin sim, pass cửa, pass cổng, pass két, router secret, enable secret, dãy số để, dãy số vào,
        dãy số mở, dãy mở, bốn số mở, bốn số để, 4 số mở, 6 số mở, số mở ổ, số mở khóa, ổ khóa số, khóa wpa,
        wpa, wpa2, creds, !combination, gate code, keypad code, puk, mã puk, snmp string, chuỗi snmp,
        passkey, wifi key, mã ổ khóa, số ổ khóa, chữ đăng nhập, chuỗi mã, mã bắt đầu, user pass, mã unlock,
        mã gác cổng, mã barie, code mở, code cửa, mã vào cửa, mã vào cổng, chìa khóa số, mã thang máy,
        số két, pass word, mat khau cu, mã vào, khóa bảo mật, chuỗi đăng nhập, mật lệnh, mã truy cập,
        mã bảo mật, mã mở, thông tin đăng nhập, login credentials, keycode, unlock code, wifi pass,
        mật khẩu, mk, !pass, password, passwords, passwd, pwd, passcode, passcodes, otp, mã otp, mã pin,
        số pin, pin code, my pin, token, tokens, api key, api keys, secret, secrets, secret key,
        private key, khóa riêng, khóa api, khóa bí mật, mã xác thực, mã xác nhận, credentials, credential,
        mật mã, mã mở cửa, mã két, mã cửa, mã khóa, id rsa, ssh key, chuỗi kết nối, connection string, env,
        access key, chìa khóa api, mã khôi phục, recovery code, community string, psk, mã số mở,
        signing key, bot token, mã báo động, door code, alarm code, passphrase, biến môi trường,
        environment variables, environment variable, root login, admin login, login details, mã két sắt,
        mã tủ, mã đăng nhập, dãy sáu số, sáu chữ số, dãy số vừa, mã vừa gửi, mã vừa về, code vừa,
        login token, session key, pw
    """,
    "records": """
        bảng lương, bảng thưởng, payroll, payroll file, salary sheet, hồ sơ sức khỏe, hồ sơ cá nhân,
        hồ sơ nhân sự, lý lịch, danh bạ cá nhân, danh bạ di động, di động cá nhân, số cá nhân,
        medical records, health records, personnel files, personal files, bảng xếp loại, bảng điểm,
        hồ sơ bệnh án, danh sách lương, danh sách thưởng, danh sách kỷ luật, quyết định kỷ luật,
        salary list, phiếu lương, payslips, bảng kê lương, danh sách thu nhập, bảng thu nhập
    """,
    "tender price": """
        để giá bao nhiêu, để giá, thư chào, dự toán mật, giá mình, giá bên mình, giá bên, đưa vô hồ sơ,
        đưa vào hồ sơ, chào cao hay, giá chốt, chốt bao nhiêu, mình chào, giá nộp, what number did we,
        our number, our figure, competitor's price, competitor price, rival's price, rival price,
        their price, our price, giá đối phương, ra giá, chào mấy, chào bao nhiêu, chốt giá, đơn dự thầu,
        thư giảm giá, our bid, our offer, we will bid, nộp giá, định bỏ, giá sẽ nộp, dự tính bỏ,
        giá xét thầu, chào thấp, chào cao, giá dự thầu, giá chào thầu, giá bỏ thầu, giá thầu, hồ sơ giá,
        bỏ giá, bỏ thầu, giá kín, túi giá, phong bì giá, giá chào, giá đề xuất, đề xuất tài chính,
        hồ sơ tài chính, giá chưa mở, bid price, bid prices, tender price, tender prices, sealed bid,
        sealed bids, sealed offer, sealed offers, sealed price, sealed prices, unopened bid, unopened bids,
        price envelope, price envelopes, financial envelope, financial proposal, bid amount, dự kiến bỏ,
        tender bid, giá của nhà thầu, giá nhà thầu, giá các nhà thầu, giá đối thủ, giá sẽ bỏ,
        giá dự kiến chào, price offer, mức chào, giá chào hàng, tender offers, unopened envelope,
        unopened envelopes, unopened offer, unopened offers, unopened tender, unopened tenders,
        confidential bids, giá trong phong bì
    """,
    "tender": """
        hồ sơ dự thầu, túi hồ sơ, hồ sơ đề xuất, chào giá, báo giá, hsdt, hsđx, gói thầu, !gói, nhà thầu,
        đấu thầu, !thầu, bid, bids, tender, tenders, quotation, quotations, offers, offer, bidder, bidders,
        envelope, envelopes, phong bì, hồ sơ, vendor, vendors, bên dự
    """,
}
