#include "tests/integration/chat-server/program.hpp"

#include "tests/integration/chat-server/api_client.hpp"
#include "tests/support/free_port.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;
constexpr auto kBetweenLooks = 20ms;

}  // namespace

bool eventually(const std::function<bool()>& is_so) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(kBetweenLooks);
    }
    return true;
}

Program::Program(const Servers& servers, std::vector<std::string> settings)
    : servers_(servers),
      settings_(std::move(settings)),
      port_(test::find_free_port()),
      metrics_port_(test::find_free_port()) {}

void Program::serve() {
    process_ = std::make_unique<test::ChildProcess>(command({"serve"}), log_file());
    ApiClient client(metrics_port_);
    const auto is_alive = [&] {
        if (!process_->is_running()) throw std::runtime_error("chat-server ended: " + log());
        return client.try_exchange(ApiClient::request("GET", "/health/live")).has_value();
    };
    if (!eventually(is_alive)) throw std::runtime_error("chat-server does not serve: " + log());
}

std::unique_ptr<test::ChildProcess> Program::start_migration() const {
    return std::make_unique<test::ChildProcess>(command({"migrate"}), log_file());
}

int Program::migrate() const { return start_migration()->wait(); }

int Program::run(const std::vector<std::string>& arguments) const {
    return test::ChildProcess(command(arguments), log_file()).wait();
}

std::string Program::log() const {
    std::ifstream file(log_file());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string Program::log_file() const { return (folder_.path() / "chat-server.log").string(); }

std::vector<std::string> Program::command(const std::vector<std::string>& arguments) const {
    const std::string here = "127.0.0.1";
    std::vector<std::string> words = {
        "/usr/bin/env", "CHATFLOW_HTTP_ADDRESS=" + here + ":" + std::to_string(port_),
        "CHATFLOW_METRICS_ADDRESS=" + here + ":" + std::to_string(metrics_port_),
        "CHATFLOW_POSTGRES_HOST=" + here,
        "CHATFLOW_POSTGRES_PORT=" + std::to_string(servers_.postgres_port),
        "CHATFLOW_POSTGRES_DATABASE=" + servers_.database, "CHATFLOW_REDIS_HOST=" + here,
        "CHATFLOW_REDIS_PORT=" + std::to_string(servers_.redis_port), "CHATFLOW_THREADS=2",
        "CHATFLOW_POSTGRES_POOL_SIZE=4", "CHATFLOW_SHUTDOWN_DELAY_SECONDS=0",
        // What most tests are not about; a later setting of the same name wins.
        // Redis is shared by all tests, and some ask for the same things.
        "CHATFLOW_CACHE_PREFIX=" + servers_.database + ":", "CHATFLOW_AUTH=off",
        "CHATFLOW_LIMIT_API=off", "CHATFLOW_LIMIT_AUTH=off", "CHATFLOW_LIMIT_EXPORT=off",
        "CHATFLOW_LIMIT_WEBHOOK=off"};
    words.insert(words.end(), settings_.begin(), settings_.end());
    words.emplace_back(CHAT_SERVER_PROGRAM);
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

}  // namespace chatflow::chat
