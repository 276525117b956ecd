#include "workloads/worker/export_request.hpp"

#include <gtest/gtest.h>

namespace chatflow::worker {
namespace {

constexpr auto kRoom = "01890a5d-ac96-774b-bcce-b302099a8057";

TEST(ExportRequest, IsOfARoomOrAUser) {
    EXPECT_EQ(parse_export_request(std::string(R"({"roomId":")") + kRoom + "\"}")->room_id, kRoom);
    EXPECT_EQ(parse_export_request(R"({"userId":"ada"})")->user_id, "ada");
}

TEST(ExportRequest, SaysWhatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"[]", "must be an object with roomId or userId"},
        {"{}", "must have one of roomId and userId"},
        {R"({"roomId":"x","userId":"y"})", "must have one of roomId and userId"},
        {R"({"roomId":"01890a5d-ac96-774b-bcce-b302099a805'"})", "roomId: must be a UUID"},
        {R"({"userId":""})", "userId: must be a text of 1 to 255 bytes"},
    };
    for (const auto& [data, error] : cases) EXPECT_EQ(parse_export_request(data).error(), error);
}

TEST(ExportLine, IsJsonWhateverTheMessageHolds) {
    const ExportedMessage message{.room_id = "r",
                                  .seq = 1,
                                  .id = "m",
                                  .sender = "ada",
                                  .body = "two\nlines \xFF",
                                  .created_at = "2026-11-21T08:00:00.000Z"};
    EXPECT_EQ(
        export_line(message),
        R"({"body":"two\nlines )"
        "\xEF\xBF\xBD"
        R"(","createdAt":"2026-11-21T08:00:00.000Z","id":"m","roomId":"r","sender":"ada","seq":1})"
        "\n");
}

TEST(ExportFile, StaysInItsFolder) {
    EXPECT_EQ(export_file("7", 1795263554802), "1795263554802-7.jsonl");
    EXPECT_EQ(export_file("../../etc/passwd", 1), "1-------etc-passwd.jsonl");
}

TEST(ExportPercent, IsNeverAHundredBeforeTheEnd) {
    EXPECT_EQ(export_percent(0, 0), 0);
    EXPECT_EQ(export_percent(500, 1000), 50);
    EXPECT_EQ(export_percent(1200, 1000), 99);
}

}  // namespace
}  // namespace chatflow::worker
