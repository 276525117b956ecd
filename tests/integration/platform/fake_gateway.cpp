#include "tests/integration/platform/fake_gateway.hpp"

#include "libs/async/with_deadline.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace chatflow::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSecret = "a secret that is 32 bytes long...";

std::string base64url(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    const auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data,
                                      static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    while (text.ends_with('=')) text.pop_back();
    for (char& c : text) {
        if (c == '+') c = '-';
        if (c == '/') c = '_';
    }
    return text;
}

}  // namespace

struct FakeGateway::Watching : socket::PlatformObserver {
    void on_refused(socket::Refusal) override {}
    void on_postponed(std::string_view) override {}
    void on_recovery(socket::RecoveryOutcome, std::size_t) override {}
    void on_published(std::string_view, bool) override {}
    void on_delivered(std::chrono::microseconds) override {}
    void on_keys_read(socket::KeyRead, std::size_t) override {}
};

struct FakeGateway::Members : socket::Membership {
    explicit Members(FakeGateway& owner) : gateway(owner) {}
    awaitable<bool> may_join(std::string, std::string room, Deadline) override {
        co_return !gateway.forbidden_rooms.contains(room);
    }
    FakeGateway& gateway;
};

struct FakeGateway::Keys : socket::KeySource {
    explicit Keys(std::vector<auth::Key> all)
        : set(std::make_shared<const auth::KeySet>(std::move(all))) {}
    std::shared_ptr<const auth::KeySet> keys() const override { return set; }
    awaitable<socket::Renewal> renew(Deadline) override { co_return socket::Renewal::Same; }
    awaitable<void> run() override { co_return; }
    std::string trouble() const override { return ""; }
    std::shared_ptr<const auth::KeySet> set;
};

FakeGateway::FakeGateway(boost::asio::io_context& io, redis::Options options,
                         const std::string& pod,
                         const std::function<void(socket::PlatformOptions&)>& adjust)
    : observer_(std::make_unique<Watching>()),
      members_(std::make_unique<Members>(*this)),
      redis_(io.get_executor(), std::move(options), Log("test", LogLevel::Error)),
      tasks_(io.get_executor(), [](const std::exception_ptr&) {}),
      io_(io) {
    std::vector<auth::Key> all;
    all.push_back(auth::Key::from_secret(kSecret).value());
    keys_ = std::make_unique<Keys>(std::move(all));
    socket::PlatformOptions settings;
    settings.presence.pod = pod;
    settings.presence.heartbeat = 100ms;
    settings.presence.lease = 600ms;
    settings.presence.debounce = 300ms;
    if (adjust) adjust(settings);
    platform_ = std::make_unique<socket::Platform>(io.get_executor(), redis_, *this, *members_,
                                                   *keys_, *observer_, std::move(settings),
                                                   Log("test", LogLevel::Error));
    tasks_.spawn(redis_.run());
    tasks_.spawn(platform_->run());
    const auto deadline = Deadline::after(10s);
    while (!platform_->trouble().empty() && !deadline.has_passed()) {
        run(io_, sleep_until(Deadline::after(2ms)));
    }
}

FakeClient::~FakeClient() {
    if (gateway != nullptr) gateway->forget(*this);
}

FakeGateway::~FakeGateway() { die(); }

void FakeGateway::die() {
    alive_.reset();
    tasks_.cancel();
    run(io_, tasks_.wait());
    for (const auto& [socket, client] : clients_) {
        if (client->gateway == this) client->gateway = nullptr;
    }
    clients_.clear();
}

awaitable<bool> FakeGateway::connect(FakeClient& client) {
    static int number = 0;
    const std::string socket = "s" + std::to_string(++number);
    const std::string asked = client.session;
    const auto admission = co_await platform_->admit(
        {socket, token_for(client.user), client.session, client.offset}, Deadline::after(5s));
    client.refusal.clear();
    if (const auto* refused = std::get_if<socket::Refused>(&admission)) {
        client.refusal = refused->message;
        co_return false;
    }
    if (std::holds_alternative<socket::Postponed>(admission)) {
        client.refusal = "postponed";
        co_return false;
    }
    const auto& admitted = std::get<socket::Admitted>(admission);
    if (!asked.empty()) ++(admitted.session == asked ? client.recoveries : client.failures);
    if (admitted.session != asked) client.offset.clear();
    client.gateway = this;
    client.socket = socket;
    client.session = admitted.session;
    clients_[socket] = &client;
    platform_->opened(socket);
    co_return true;
}

void FakeGateway::cut(FakeClient& client, bool may_return) {
    drop(std::string(client.socket), may_return);
}

awaitable<std::string> FakeGateway::emit(FakeClient& client, std::string event,
                                         std::string arguments) {
    co_return co_await platform_->on_event(client.socket, std::move(event), std::move(arguments));
}

void FakeGateway::join(const std::string& socket, const std::string& room) {
    rooms_[room].insert(socket);
}

void FakeGateway::leave(const std::string& socket, const std::string& room) {
    rooms_[room].erase(socket);
}

void FakeGateway::deliver(const std::string& room, std::string_view event, bool,
                          std::string_view except) {
    for (const auto& socket : rooms_[room]) {
        if (socket != except) send(socket, event);
    }
}

void FakeGateway::send(const std::string& socket, std::string_view event) {
    const auto place = clients_.find(socket);
    if (place == clients_.end()) return;
    const auto comma = event.rfind(',');
    place->second->offset = event.substr(comma + 2, event.size() - comma - 4);
    place->second->events.push_back(std::string(event.substr(0, comma)) + "]");
}

void FakeGateway::close(const std::string& socket, socket::Ending ending, std::string_view reason) {
    const auto place = clients_.find(socket);
    if (place == clients_.end()) return;
    FakeClient& client = *place->second;
    client.closed_because = reason;
    client.was_told_to_stay_away = ending == socket::Ending::StayAway;
    // Later, as the platform is in the middle of its work; by then this gateway may be gone.
    boost::asio::post(io_, [this, alive = std::weak_ptr(alive_), socket, ending] {
        if (!alive.expired()) drop(socket, ending == socket::Ending::ComeBack);
    });
}

// The client may have come back to another pod already and know nothing of this connection.
void FakeGateway::drop(const std::string& socket, bool may_return) {
    const auto place = clients_.find(socket);
    if (place == clients_.end()) return;
    FakeClient& client = *place->second;
    if (client.gateway == this && client.socket == socket) client.gateway = nullptr;
    clients_.erase(place);
    for (auto& [room, members] : rooms_) members.erase(socket);
    platform_->closed(socket, may_return);
}

std::string token_for(const std::string& user, int seconds_left) {
    const auto claims = R"({"userId":")" + user + R"(","exp":)" +
                        std::to_string(std::time(nullptr) + seconds_left) + "}";
    const auto text = base64url(R"({"alg":"HS256"})") + "." + base64url(claims);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
    return text + "." + base64url({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace chatflow::test
