#include "controller/runtime/health.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::runtime {
namespace {

const ReadyCheck good{"lease", [] { return std::optional<std::string>{}; }};
const ReadyCheck bad{"cache/pods", [] { return std::optional<std::string>("not yet synced"); }};

TEST(ReadyPage, IsOkWhenNothingIsWrong) {
    const auto page = ready_page({good}, false);
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body, "ok\n");
    EXPECT_EQ(ready_page({}, false).status, 200);
}

TEST(ReadyPage, NamesWhatIsMissingAndWhy) {
    const auto page = ready_page({good, bad}, false);
    EXPECT_EQ(page.status, 503);
    EXPECT_EQ(page.body, "cache/pods: not yet synced\n");
}

TEST(ReadyPage, TellsEveryCheckWhenAsked) {
    const auto page = ready_page({good, bad}, true);
    EXPECT_EQ(page.status, 503);
    const auto body = nlohmann::json::parse(page.body);
    const auto expected = nlohmann::json::parse(R"({"status": "unavailable", "checks": [
        {"name": "lease", "ready": true},
        {"name": "cache/pods", "ready": false, "reason": "not yet synced"}]})");
    EXPECT_EQ(body, expected);
    EXPECT_EQ(nlohmann::json::parse(ready_page({good}, true).body)["status"], "ok");
}

}  // namespace
}  // namespace chatflow::runtime
