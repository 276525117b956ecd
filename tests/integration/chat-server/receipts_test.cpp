#include "tests/integration/chat-server/accounts_fixture.hpp"
#include "tests/support/free_port.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace chatflow::chat {
namespace {

// The gateway beside chat-server, on the same tables and the same Redis.
class Gateway {
 public:
    Gateway(const Servers& servers, int api_port, const std::filesystem::path& log)
        : port_(test::find_free_port()),
          metrics_port_(test::find_free_port()),
          process_({"/usr/bin/env", "CHATFLOW_HTTP_ADDRESS=127.0.0.1:" + std::to_string(port_),
                    "CHATFLOW_METRICS_ADDRESS=127.0.0.1:" + std::to_string(metrics_port_),
                    "CHATFLOW_REDIS_URL=redis://127.0.0.1:" + std::to_string(servers.redis_port),
                    "CHATFLOW_POSTGRES_HOST=127.0.0.1",
                    "CHATFLOW_POSTGRES_PORT=" + std::to_string(servers.postgres_port),
                    "CHATFLOW_POSTGRES_DATABASE=" + servers.database,
                    "CHATFLOW_AUTH_JWKS_URL=http://127.0.0.1:" + std::to_string(api_port) +
                        "/.well-known/jwks.json",
                    CHATFLOW_SOCKET_PROGRAM},
                   log.string()) {
        ApiClient client(metrics_port_);
        const auto is_ready = [&] {
            const auto answer = client.try_exchange(ApiClient::request("GET", "/health/ready"));
            return answer && answer->status == 200;
        };
        if (!eventually(is_ready)) throw std::runtime_error("the gateway does not get ready");
    }

    [[nodiscard]] int port() const { return port_; }

 private:
    int port_;
    int metrics_port_;
    test::ChildProcess process_;
};

class ReceiptsTest : public AccountsTest {};

// The script has what is expected of each way.
TEST_F(ReceiptsTest, GivenByHttpOrBySocketTheyAreKeptAndTheRoomHearsThem) {
    ASSERT_NE(std::getenv("CHATFLOW_CLIENTS"), nullptr)
        << "run it by hack/test, which installs the clients";
    const Gateway gateway(servers_, guarded_.port(), folder_.path() / "gateway.log");
    const auto log = folder_.path() / "client.log";
    test::ChildProcess client(
        {"/usr/bin/env", "node", "tests/integration/chat-server/receipts_client.mjs",
         "http://127.0.0.1:" + std::to_string(guarded_.port()),
         "http://127.0.0.1:" + std::to_string(gateway.port())},
        log.string());
    const int code = client.wait();
    std::ifstream said(log);
    EXPECT_EQ(code, 0) << std::string(std::istreambuf_iterator<char>(said), {});
}

}  // namespace
}  // namespace chatflow::chat
