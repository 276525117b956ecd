#include "controller/clients/cpprest_transport.hpp"

#include "controller/clients/cpprest_body.hpp"
#include "controller/clients/exchange.hpp"
#include "controller/clients/tls.hpp"
#include "libs/async/with_deadline.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include <cpprest/http_client.h>
#include <openssl/ssl.h>
#include <pplx/threadpool.h>

namespace chatflow::clients {

namespace {

namespace rest = web::http;
using rest::client::http_client;
using rest::client::http_client_config;

constexpr std::size_t kThreads = 4;

// The library's timer would end requests after 30 s without a byte. Ours rule: the deadline of a
// call and the idle time of a stream; this one only frees what nobody waits for any more.
constexpr auto kLibraryTimeout = std::chrono::hours(1);

std::once_flag threads_are_set;

http_client_config config_for(const HttpEndpoint& endpoint, const rest::uri& url) {
    http_client_config config;
    config.set_timeout(kLibraryTimeout);
    config.set_max_redirects(0);  // a redirect would carry our credentials elsewhere
    config.set_validate_certificates(!endpoint.tls.skip_verification);
    config.set_tlsext_sni_enabled(!is_address(url.host()));
    // Runs for each new connection.
    auto set_up = [tls = endpoint.tls](boost::asio::ssl::context& context) {
        set_up_tls(*context.native_handle(), tls);
    };
    config.set_ssl_context_callback(set_up);
    return config;
}

bool is_safe_header(const HttpHeader& header) {
    const auto breaks = [](char letter) { return letter == '\r' || letter == '\n' || !letter; };
    return std::ranges::none_of(header.name, breaks) && std::ranges::none_of(header.value, breaks);
}

rest::http_request to_library(HttpRequest& request, const TlsSettings& tls) {
    rest::http_request converted(request.method);
    converted.set_request_uri(rest::uri(request.target));
    std::string content_type = "application/octet-stream";
    for (HttpHeader& header : request.headers) {
        if (!is_safe_header(header)) throw TransportError("a header has a line break in it");
        if (header.name == "Content-Type") {
            content_type = std::move(header.value);
        } else {
            converted.headers().add(header.name, header.value);
        }
    }
    // The library checks the certificate against this header when it is given.
    if (!tls.server_name.empty()) converted.headers().add("Host", tls.server_name);
    if (!request.body.empty()) converted.set_body(std::move(request.body), content_type);
    return converted;
}

HttpResponse head_of(const rest::http_response& response) {
    HttpResponse head;
    head.status = response.status_code();
    for (const auto& [name, value] : response.headers()) head.headers.push_back({name, value});
    return head;
}

std::string describe(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const rest::http_exception& failure) {
        const std::string what = failure.what();
        return failure.error_code() ? what + " (" + failure.error_code().message() + ")" : what;
    } catch (const std::exception& failure) {
        return failure.what();
    }
}

// What the library's threads do when the head, and later the end of the body, has come.
std::function<void(const pplx::task<rest::http_response>&)> deliver_to(
    const std::shared_ptr<Exchange>& exchange, const std::string& what) {
    auto ended = [exchange, what](const pplx::task<rest::http_response>& read) {
        try {
            read.get();
            exchange->finish();
        } catch (...) {
            exchange->fail(what + ": " + describe(std::current_exception()));
        }
    };
    return [exchange, what, ended](const pplx::task<rest::http_response>& answered) {
        try {
            const rest::http_response response = answered.get();
            exchange->put_head(head_of(response));
            response.content_ready().then(ended);
        } catch (...) {
            exchange->fail(what + ": " + describe(std::current_exception()));
        }
    };
}

// Without the slash that the library adds: a target begins with one.
std::string address_of(const http_client& client) {
    std::string address = client.base_uri().to_string();
    if (address.ends_with('/')) address.pop_back();
    return address;
}

/// One request under way. Leaving it before its end closes the socket.
class Call {
 public:
    Call(http_client client, HttpRequest request, const TlsSettings& tls,
         const asio::any_io_executor& executor)
        : what_(request.method + " " + address_of(client) + request.target),
          exchange_(std::make_shared<Exchange>()),
          reader_(exchange_, executor) {
        try {
            auto converted = to_library(request, tls);
            converted.set_response_stream(body_into(exchange_));
            auto task = client.request(converted, cancel_.get_token());
            task.then(deliver_to(exchange_, what_));
        } catch (const std::exception& failure) {
            throw TransportError(what_ + ": " + failure.what());
        }
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
        if (!reader_.has_ended()) cancel_.cancel();
    }

    [[nodiscard]] awaitable<HttpResponse> head(Deadline deadline) {
        auto head = co_await reader_.head(deadline);
        if (!head) throw DeadlineExceeded(what_ + ": no answer before the deadline");
        co_return std::move(*head);
    }

    [[nodiscard]] awaitable<ExchangeReader::Outcome> read(std::string& bytes, Deadline deadline) {
        return reader_.read(bytes, deadline);
    }

    [[nodiscard]] const std::string& what() const { return what_; }

 private:
    std::string what_;
    std::shared_ptr<Exchange> exchange_;
    ExchangeReader reader_;
    pplx::cancellation_token_source cancel_;
};

class CpprestStream final : public HttpStream {
 public:
    CpprestStream(std::unique_ptr<Call> call, HttpResponse head,
                  std::chrono::steady_clock::duration idle_timeout)
        : call_(std::move(call)), head_(std::move(head)), idle_timeout_(idle_timeout) {}

    [[nodiscard]] const HttpResponse& head() const override { return head_; }

    [[nodiscard]] awaitable<std::optional<std::string>> read() override {
        std::string bytes;
        switch (co_await call_->read(bytes, Deadline::after(idle_timeout_))) {
            case ExchangeReader::Outcome::Bytes:
                co_return bytes;
            case ExchangeReader::Outcome::End:
                co_return std::nullopt;
            case ExchangeReader::Outcome::DeadlinePassed:
                break;
        }
        throw TransportError(call_->what() + ": the peer was silent for too long");
    }

 private:
    std::unique_ptr<Call> call_;
    HttpResponse head_;
    std::chrono::steady_clock::duration idle_timeout_;
};

class CpprestTransport final : public HttpTransport {
 public:
    explicit CpprestTransport(HttpEndpoint endpoint)
        : endpoint_(std::move(endpoint)), pooled_(new_client()) {}

    [[nodiscard]] awaitable<HttpResponse> send(HttpRequest request, Deadline deadline) override {
        const std::size_t bytes_max = request.response_bytes_max;
        const auto call = co_await start(std::move(request));
        HttpResponse response = co_await call->head(deadline);
        std::string bytes;
        while (true) {
            bytes.clear();
            const auto outcome = co_await call->read(bytes, deadline);
            if (outcome == ExchangeReader::Outcome::End) co_return response;
            if (outcome == ExchangeReader::Outcome::DeadlinePassed) {
                throw DeadlineExceeded(call->what() + ": no whole answer before the deadline");
            }
            if (response.body.size() + bytes.size() > bytes_max) {
                throw TransportError(call->what() + ": the answer has more than " +
                                     std::to_string(bytes_max) + " bytes");
            }
            response.body.append(bytes);
        }
    }

    [[nodiscard]] awaitable<std::unique_ptr<HttpStream>> open(HttpRequest request,
                                                              StreamOptions options) override {
        auto call = co_await start(std::move(request));
        HttpResponse head = co_await call->head(options.head_by);
        co_return std::make_unique<CpprestStream>(std::move(call), std::move(head),
                                                  options.idle_timeout);
    }

    void use_tls(const TlsSettings& tls) override {
        if (tls == endpoint_.tls) return;
        endpoint_.tls = tls;
        pooled_ = new_client();
    }

 private:
    [[nodiscard]] http_client new_client() const {
        const rest::uri url(endpoint_.base_url);
        return {url, config_for(endpoint_, url)};
    }

    [[nodiscard]] awaitable<std::unique_ptr<Call>> start(HttpRequest request) {
        const auto executor = co_await asio::this_coro::executor;
        // The library repeats a request by itself when a pooled connection turns out to be closed,
        // whatever the method. A POST done twice makes two things: it gets a new connection.
        const bool may_repeat = request.method != "POST";
        co_return std::make_unique<Call>(may_repeat ? pooled_ : new_client(), std::move(request),
                                         endpoint_.tls, executor);
    }

    HttpEndpoint endpoint_;
    http_client pooled_;
};

}  // namespace

void set_cpprest_threads(std::size_t threads) {
    auto set = [threads] {
        // First, so that at the end of the process the threads go before what they use.
        OPENSSL_init_ssl(0, nullptr);
        crossplat::threadpool::initialize_with_threads(threads);
    };
    std::call_once(threads_are_set, set);
}

std::unique_ptr<HttpTransport> make_cpprest_transport(HttpEndpoint endpoint) {
    set_cpprest_threads(kThreads);
    return std::make_unique<CpprestTransport>(std::move(endpoint));
}

}  // namespace chatflow::clients
