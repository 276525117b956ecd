#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace chatflow::test {

/// Serves one text to whoever asks, as an exporter does to Prometheus; the test changes the text.
class TestExporter {
 public:
    TestExporter();
    TestExporter(const TestExporter&) = delete;
    TestExporter& operator=(const TestExporter&) = delete;
    ~TestExporter();

    [[nodiscard]] int port() const { return port_; }

    void show(std::string text);

    /// How often it has been asked since the text was changed.
    [[nodiscard]] int scrapes() const { return scrapes_; }

 private:
    void serve();

    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    int port_;
    std::mutex mutex_;
    std::string text_;
    std::atomic<int> scrapes_ = 0;
    std::atomic<bool> is_stopping_ = false;
    std::thread thread_;
};

}  // namespace chatflow::test
