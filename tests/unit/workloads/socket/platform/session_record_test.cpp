#include "workloads/socket/platform/session_record.hpp"

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

TEST(SessionRecord, ComesBackFromItsJson) {
    const SessionRecord record{"ann", "pod/s1", {{"r", 1'763'712'000'000'001}, {"user:ann", 0}}};
    EXPECT_EQ(parse_session(to_json(record)), record);
}

TEST(SessionRecord, OfAnotherFormIsNothing) {
    for (const auto* json : {"", "[]", "{}", R"({"user":"a","member":"b","rooms":[1]})",
                             R"({"user":7,"member":"b","rooms":{}})"}) {
        EXPECT_FALSE(parse_session(json)) << json;
    }
}

}  // namespace
}  // namespace chatflow::socket
