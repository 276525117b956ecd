#include "controller/clients/patroni/exchange.hpp"

#include <gtest/gtest.h>

namespace chatflow::patroni {
namespace {

TEST(ReadAnswer, TakesStatusAndEverythingAfterTheHeaders) {
    const auto answer = read_answer(
        "HTTP/1.0 503 Service Unavailable\r\nServer: BaseHTTP/0.6\r\n\r\nno candidate\r\n\r\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    EXPECT_EQ(answer->body, "no candidate\r\n\r\n");
}

TEST(ReadAnswer, RefusesWhatIsCutOffOrNoHttp) {
    for (const char* bytes :
         {"", "HTTP/1.0", "HTTP/1.0 200 OK\r\nServer: x\r\n", "HTTP/1.0 2x0 OK\r\n\r\n",
          "HTTP/1.0\r\n\r\n 200", "SSH-2.0 200\r\n\r\n"}) {
        EXPECT_FALSE(read_answer(bytes)) << bytes;
    }
}

}  // namespace
}  // namespace chatflow::patroni
