#include "controller/clients/kube/list_page.hpp"

#include "controller/clients/http_transport.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::kube {
namespace {

using nlohmann::json;
using testing::ElementsAre;

TEST(ReadListPage, HandsOutEachItemWhole) {
    std::vector<json> items;
    const auto page = read_list_page(
        R"({"kind": "PodList", "metadata": {"resourceVersion": "7", "continue": "next"},
            "items": [{"metadata": {"name": "a", "labels": {"items": "x"}}, "list": [1, {"b": 2}]},
                      {"metadata": {"name": "b"}}]})",
        [&](json& item) { items.push_back(std::move(item)); });
    EXPECT_EQ(page.resource_version, "7");
    EXPECT_EQ(page.continues, "next");
    EXPECT_THAT(items, ElementsAre(json::parse(R"({"metadata": {"name": "a", "labels":
                                       {"items": "x"}}, "list": [1, {"b": 2}]})"),
                                   json::parse(R"({"metadata": {"name": "b"}})")));
}

TEST(ReadListPage, ReadsTheMetadataAfterTheItemsToo) {
    int items = 0;
    const auto page =
        read_list_page(R"({"items": [{"a": {}}, {}], "metadata": {"resourceVersion": "7"}})",
                       [&](json&) { ++items; });
    EXPECT_EQ(items, 2);
    EXPECT_EQ(page.resource_version, "7");
    EXPECT_EQ(page.continues, "");
}

TEST(ReadListPage, RefusesWhatIsNoList) {
    for (const char* body : {"", "<html>", "[]", "{}", R"({"metadata": 7})",
                             R"({"metadata": {"resourceVersion": "7"}, "items": [{"a": )"}) {
        EXPECT_THROW((void)read_list_page(body, [](json&) {}), clients::TransportError) << body;
    }
}

}  // namespace
}  // namespace chatflow::kube
