#include "tests/support/files.hpp"

#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>

namespace chatflow {
namespace {

namespace fs = std::filesystem;
using test::text_of;

void collect(const std::string& text, const std::regex& form, std::set<std::string>& names) {
    for (std::sregex_iterator it(text.begin(), text.end(), form), end; it != end; ++it) {
        names.insert((*it)[1]);
    }
}

TEST(MetricsPage, ListsEveryMetricOfTheControllerAndNoOther) {
    const std::string prefix =
        "(?:chatflow|controller_runtime|workqueue|rest_client|leader_election)";
    const std::regex in_source("\"(" + prefix + "_[a-z_]+)\"");
    std::set<std::string> exported;
    for (const auto& entry : fs::recursive_directory_iterator("controller")) {
        if (entry.path().extension() == ".cpp") {
            collect(text_of(entry.path()), in_source, exported);
        }
    }
    std::set<std::string> listed;
    collect(text_of("docs/metrics.md"), std::regex("\\| `(" + prefix + "_[a-z_]+)` \\|"), listed);
    EXPECT_GT(exported.size(), 20U);
    EXPECT_EQ(listed, exported);
}

TEST(SocketPage, ListsEveryMetricOfTheGatewayAndNoOther) {
    std::set<std::string> exported;
    collect(text_of("workloads/socket/metrics.cpp"), std::regex("\"(chatflow_socket_[a-z_]+)\""),
            exported);
    std::set<std::string> listed;
    collect(text_of("docs/socket.md"), std::regex("\\| `(chatflow_socket_[a-z_]+)` \\|"), listed);
    EXPECT_GT(exported.size(), 15U);
    EXPECT_EQ(listed, exported);
}

}  // namespace
}  // namespace chatflow
