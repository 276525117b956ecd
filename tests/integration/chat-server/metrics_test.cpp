#include "tests/integration/chat-server/chat_server_test.hpp"

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace chatflow::chat {
namespace {

class MetricsTest : public ChatServerTest {
 protected:
    MetricsTest() { serve(program_); }

    std::string page() { return ApiClient(program_.metrics_port()).get("/metrics").body; }
};

std::set<std::string> all_matches(const std::string& text, const std::regex& pattern) {
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end;
         ++match) {
        found.insert((*match)[1]);
    }
    return found;
}

TEST_F(MetricsTest, CountsRequestsByRoute) {
    const std::string room = make_room();
    for (int i = 0; i < 3; ++i) ASSERT_EQ(client_.get(room).status, 200);
    EXPECT_TRUE(page().contains(
        R"(http_requests_total{code="200",method="GET",route="/api/v1/rooms/{room}"} 3)"))
        << page();
    EXPECT_TRUE(page().contains(R"(chatflow_chat_dependency_up{dependency="postgres"} 1)"));
}

TEST_F(MetricsTest, NamesAreThoseOfTheDocumentation) {
    ASSERT_EQ(client_.get("/api/v1/rooms").status, 200);
    std::ifstream file("docs/chat-server.md");
    std::stringstream documentation;
    documentation << file.rdbuf();
    const auto documented =
        all_matches(documentation.str(), std::regex(R"(\n\| `((?:http|chatflow)_[a-z_]+)`)"));
    EXPECT_EQ(all_matches(page(), std::regex(R"(# TYPE ([a-z_]+) )")), documented);
}

}  // namespace
}  // namespace chatflow::chat
