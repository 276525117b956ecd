#pragma once

#include "controller/clients/http_transport.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/steady_timer.hpp>

namespace chatflow::clients {

/// Where the threads of the HTTP library hand one response to the event loop. Any thread may
/// write; it is shared, because the library may still hold it after the reader has left.
class Exchange {
 public:
    static constexpr std::size_t kBufferedBytesMax = std::size_t{256} << 10;

    void put_head(HttpResponse head);

    /// Takes the bytes. True: go on. False: enough is buffered; `go_on` is called, from any
    /// thread, when the reader has caught up or has left.
    [[nodiscard]] bool put(std::string_view bytes, std::function<void()> go_on);

    /// The body has ended.
    void finish();

    /// There will be no more, because of `what`. The first end counts.
    void fail(std::string what);

 private:
    friend class ExchangeReader;

    void wake();  // holding mutex_

    std::mutex mutex_;
    std::optional<HttpResponse> head_;
    std::string buffered_;
    bool ended_ = false;
    std::optional<std::string> failure_;
    std::function<void()> go_on_;
    bool reader_waits_ = false;
    std::shared_ptr<asio::steady_timer> timer_;  // none once the reader has left
};

/// The event loop's end of an Exchange. One reader, on one executor.
class ExchangeReader {
 public:
    ExchangeReader(std::shared_ptr<Exchange> exchange, const asio::any_io_executor& executor);
    ExchangeReader(const ExchangeReader&) = delete;
    ExchangeReader& operator=(const ExchangeReader&) = delete;
    ~ExchangeReader();

    /// Once. Nothing when the deadline has passed; TransportError when there will be no head.
    [[nodiscard]] awaitable<std::optional<HttpResponse>> head(Deadline deadline);

    enum class Outcome { Bytes, End, DeadlinePassed };
    /// Moves what has arrived into `bytes`. TransportError when the body broke off; what came
    /// before that is delivered first.
    [[nodiscard]] awaitable<Outcome> read(std::string& bytes, Deadline deadline);

    [[nodiscard]] bool has_ended() const;

 private:
    [[nodiscard]] awaitable<bool> wait(Deadline deadline);

    std::shared_ptr<Exchange> exchange_;
    std::shared_ptr<asio::steady_timer> timer_;
};

}  // namespace chatflow::clients
