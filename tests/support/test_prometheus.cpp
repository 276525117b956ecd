#include "tests/support/test_prometheus.hpp"

#include "tests/support/free_port.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace chatflow::test {
namespace {

constexpr int kReadyAttemptsMax = 300;
constexpr std::chrono::milliseconds kBetweenAttempts{100};

}  // namespace

TestPrometheus::TestPrometheus(const TestExporter& exporter) : port_(find_free_port()) {
    folder_.write("prometheus.yml", fmt::format(R"(
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: cadvisor
  honor_timestamps: true
  static_configs: [{{targets: ["127.0.0.1:{}"]}}]
)",
                                                exporter.port()));
    start();
}

std::string TestPrometheus::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

void TestPrometheus::start() {
    process_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{
            "/usr/bin/prometheus", "--config.file=" + (folder_.path() / "prometheus.yml").string(),
            "--storage.tsdb.path=" + (folder_.path() / "data").string(),
            fmt::format("--web.listen-address=127.0.0.1:{}", port_), "--log.level=warn"},
        folder_.path() / "prometheus.log");
    for (int attempt = 0; attempt < kReadyAttemptsMax; ++attempt) {
        if (is_ready()) return;
        std::this_thread::sleep_for(kBetweenAttempts);
    }
    throw std::runtime_error("prometheus is not ready after 30 s");
}

void TestPrometheus::kill() { process_->stop(SIGKILL); }

bool TestPrometheus::is_ready() const {
    namespace asio = boost::asio;
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    boost::system::error_code failed;
    socket.connect({asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port_)},
                   failed);
    if (failed) return false;
    asio::write(socket, asio::buffer(std::string("GET /-/ready HTTP/1.0\r\n\r\n")), failed);
    asio::streambuf answer;
    asio::read(socket, answer, failed);
    const std::string text(asio::buffers_begin(answer.data()), asio::buffers_end(answer.data()));
    return text.find(" 200 ") != std::string::npos;
}

}  // namespace chatflow::test
