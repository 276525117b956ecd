#include "tests/support/scripted_http_server.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

namespace chatflow::test {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Over TCP or TLS; every error means that the peer has left.
class Connection final : public ScriptedConnection {
 public:
    Connection(tcp::socket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
        if (tls) tls_.emplace(socket_, *tls);
    }

    bool shake_hands() {
        boost::system::error_code error;
        if (tls_) tls_->handshake(asio::ssl::stream_base::server, error);
        return !error;
    }

    void write(std::string_view bytes) override {
        boost::system::error_code ignored;
        if (tls_) {
            asio::write(*tls_, asio::buffer(bytes), ignored);
        } else {
            asio::write(socket_, asio::buffer(bytes), ignored);
        }
    }

    void reset() override {
        const std::lock_guard lock(closing_);
        boost::system::error_code ignored;
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        socket_.close(ignored);
    }

    void close() override {
        boost::system::error_code ignored;
        if (tls_) tls_->shutdown(ignored);
        const std::lock_guard lock(closing_);
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

    bool wait_until_peer_leaves() override {
        std::string ignored;
        while (read_some(ignored)) ignored.clear();
        return !stopping_;
    }

    /// From another thread: ends whatever this connection waits for.
    void interrupt() {
        stopping_ = true;
        const std::lock_guard lock(closing_);
        if (socket_.is_open()) ::shutdown(socket_.native_handle(), SHUT_RDWR);
    }

    /// False when the peer has left.
    bool read_some(std::string& into) {
        std::array<char, 4096> bytes{};
        boost::system::error_code error;
        const std::size_t count = tls_ ? tls_->read_some(asio::buffer(bytes), error)
                                       : socket_.read_some(asio::buffer(bytes), error);
        into.append(bytes.data(), count);
        return !error;
    }

 private:
    tcp::socket socket_;
    std::mutex closing_;  // the descriptor is not closed while another thread interrupts
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
    std::atomic<bool> stopping_ = false;
};

std::optional<ScriptedRequest> read_request(Connection& connection, std::string& buffer) {
    std::size_t head_end = 0;
    while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos) {
        if (!connection.read_some(buffer)) return std::nullopt;
    }
    ScriptedRequest request;
    request.head = buffer.substr(0, head_end + 2);
    request.method = request.head.substr(0, request.head.find(' '));
    const std::size_t target = request.method.size() + 1;
    request.target = request.head.substr(target, request.head.find(' ', target) - target);
    const std::string length = request.header("Content-Length");
    const std::size_t end = head_end + 4 + (length.empty() ? 0 : std::stoul(length));
    while (buffer.size() < end) {
        if (!connection.read_some(buffer)) return std::nullopt;
    }
    request.body = buffer.substr(head_end + 4, end - head_end - 4);
    buffer.erase(0, end);
    return request;
}

}  // namespace

struct ScriptedHttpServer::State {
    asio::io_context io;
    std::optional<asio::ssl::context> tls;
    tcp::acceptor acceptor{io, {asio::ip::make_address("127.0.0.1"), 0}};
    std::atomic<bool> stopping = false;
    mutable std::mutex mutex;  // guards what follows
    std::deque<Step> script;
    std::vector<ScriptedRequest> requests;
    std::list<Connection> connections;
    std::list<std::jthread> threads;
    std::jthread accepting;

    void accept() {
        while (true) {
            boost::system::error_code error;
            tcp::socket socket = acceptor.accept(error);
            if (error || stopping) return;
            const std::lock_guard lock(mutex);
            Connection& connection =
                connections.emplace_back(std::move(socket), tls ? &*tls : nullptr);
            const int number = static_cast<int>(connections.size());
            threads.emplace_back([this, &connection, number] { serve(connection, number); });
        }
    }

    void serve(Connection& connection, int number) {
        if (!connection.shake_hands()) return;
        std::string buffer;
        while (auto request = read_request(connection, buffer)) {
            request->connection = number;
            const Step step = next_step(*request);
            step(*request, connection);
        }
        connection.close();
    }

    Step next_step(const ScriptedRequest& request) {
        const std::lock_guard lock(mutex);
        requests.push_back(request);
        if (script.empty()) {
            return [](const ScriptedRequest&, ScriptedConnection& connection) {
                connection.reply(500, "the script is over");
            };
        }
        Step step = std::move(script.front());
        script.pop_front();
        return step;
    }
};

std::string ScriptedRequest::header(std::string_view name) const {
    const std::string start = "\r\n" + std::string(name) + ":";
    const std::size_t found = head.find(start);
    if (found == std::string::npos) return "";
    const std::size_t value = head.find_first_not_of(' ', found + start.size());
    return head.substr(value, head.find("\r\n", value) - value);
}

void ScriptedConnection::reply(int status, std::string_view body, std::string_view headers) {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
    text += "\r\n" + std::string(headers) + "\r\n" + std::string(body);
    write(text);
}

void ScriptedConnection::start_stream() {
    write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
}

void ScriptedConnection::send_chunk(std::string_view bytes) {
    std::array<char, 16> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    write(std::string(size.data()) + std::string(bytes) + "\r\n");
}

void ScriptedConnection::end_stream() { write("0\r\n\r\n"); }

ScriptedHttpServer::ScriptedHttpServer(std::vector<Step> script,
                                       const std::optional<CertificateAndKey>& certificate)
    : state_(std::make_unique<State>()) {
    state_->script.assign(script.begin(), script.end());
    if (certificate) {
        auto& tls = state_->tls.emplace(asio::ssl::context::tls_server);
        tls.use_certificate_chain(asio::buffer(certificate->certificate));
        tls.use_private_key(asio::buffer(certificate->key), asio::ssl::context::pem);
    }
    state_->accepting = std::jthread([this] { state_->accept(); });
}

ScriptedHttpServer::~ScriptedHttpServer() {
    state_->stopping = true;
    ::shutdown(state_->acceptor.native_handle(), SHUT_RDWR);
    state_->accepting.join();
    {
        const std::lock_guard lock(state_->mutex);
        for (Connection& connection : state_->connections) connection.interrupt();
    }
    state_->threads.clear();  // joins
}

std::string ScriptedHttpServer::url() const {
    return (state_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") +
           std::to_string(state_->acceptor.local_endpoint().port());
}

std::vector<ScriptedRequest> ScriptedHttpServer::requests() const {
    const std::lock_guard lock(state_->mutex);
    return state_->requests;
}

}  // namespace chatflow::test
