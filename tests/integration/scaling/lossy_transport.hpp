#pragma once

#include "controller/clients/http_transport.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace chatflow::test {

enum class Fate {
    Answered,
    Unanswered,  // it was carried out, and nobody hears of it
    Unheard      // it never arrived
};

/// A connection that loses what a test asks it to lose.
class LossyTransport final : public clients::HttpTransport {
 public:
    using FateOf = std::function<Fate(const clients::HttpRequest&)>;

    explicit LossyTransport(clients::HttpTransport& to) : to_(to) {}

    void decide_by(FateOf fate_of) { fate_of_ = std::move(fate_of); }

    [[nodiscard]] awaitable<clients::HttpResponse> send(clients::HttpRequest request,
                                                        Deadline deadline) override {
        const Fate fate = fate_of_ ? fate_of_(request) : Fate::Answered;
        if (fate == Fate::Unheard) throw clients::TransportError("lost on the way there");
        auto response = co_await to_.send(std::move(request), deadline);
        if (fate == Fate::Unanswered) throw clients::TransportError("lost on the way back");
        co_return response;
    }
    [[nodiscard]] awaitable<std::unique_ptr<clients::HttpStream>> open(
        clients::HttpRequest request, clients::StreamOptions options) override {
        co_return co_await to_.open(std::move(request), options);
    }
    void use_tls(const clients::TlsSettings& tls) override { to_.use_tls(tls); }

 private:
    clients::HttpTransport& to_;
    FateOf fate_of_;
};

}  // namespace chatflow::test
