#include "controller/clients/kube/client.hpp"

#include "controller/clients/kube/list_page.hpp"
#include "controller/clients/kube/requests.hpp"
#include "libs/async/task_group.hpp"

#include <exception>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::kube {

using clients::HttpRequest;
using clients::HttpResponse;
using nlohmann::json;

namespace {

constexpr std::size_t kErrorBytesMax = std::size_t{64} << 10;  // read of a refused watch's body

bool is_success(int status) { return status >= 200 && status < 300; }

json parse(const std::string& body) {
    json parsed = json::parse(body, nullptr, false);
    if (parsed.is_discarded()) throw clients::TransportError("the answer is not JSON");
    return parsed;
}

awaitable<HttpResponse> with_rest(clients::HttpStream& stream) {
    HttpResponse response = stream.head();
    while (response.body.size() < kErrorBytesMax) {
        const auto bytes = co_await stream.read();
        if (!bytes) break;
        response.body += *bytes;
    }
    co_return response;
}

}  // namespace

Client::Client(clients::HttpTransport& transport, CredentialSource& credentials, Clock& clock,
               RequestObserver* observer)
    : transport_(transport), credentials_(credentials), clock_(clock), observer_(observer) {}

awaitable<std::optional<json>> Client::get(Resource resource, Deadline deadline) {
    const HttpResponse response = co_await send(get_request(resource), deadline);
    if (response.status == 404) co_return std::nullopt;
    if (!is_success(response.status)) throw error_from_response(response);
    co_return parse(response.body);
}

awaitable<std::string> Client::list(Resource resource, Selection selection, ListSink sink,
                                    Deadline deadline) {
    Page page{.items_max = kPageItems};
    for (int restarts = 0;;) {
        HttpResponse response = co_await send(list_request(resource, selection, page), deadline);
        const bool has_expired = response.status == 410 && !page.continues.empty();
        if (has_expired && restarts < kListRestartsMax) {
            ++restarts;
            page.continues.clear();
            sink.restart();
            continue;
        }
        if (!is_success(response.status)) throw error_from_response(response);
        ListPage read = read_list_page(response.body, sink.item);
        if (read.continues.empty()) co_return std::move(read.resource_version);
        page.continues = std::move(read.continues);
    }
}

awaitable<WatchStream> Client::watch(Resource resource, WatchOptions options) {
    HttpRequest request = watch_request(resource, options);
    co_await authorize(request, options.head_by);
    const auto since = Deadline::Clock::now();
    std::unique_ptr<clients::HttpStream> stream;
    try {
        stream = co_await transport_.open(
            std::move(request), {.head_by = options.head_by, .idle_timeout = options.idle_timeout});
    } catch (...) {
        if (!is_cancellation(std::current_exception())) observe("GET", "<error>", since);
        throw;
    }
    const int status = stream->head().status;
    observe("GET", std::to_string(status), since);
    if (is_success(status)) co_return WatchStream(std::move(stream));
    if (status == 401) credentials_.forget();
    throw error_from_response(co_await with_rest(*stream));
}

awaitable<json> Client::create(Resource resource, json object, WriteOptions options,
                               Deadline deadline) {
    return send_for_json(create_request(resource, object, options), deadline);
}

awaitable<json> Client::update(Resource resource, json object, WriteOptions options,
                               Deadline deadline) {
    return send_for_json(update_request(resource, object, options), deadline);
}

awaitable<json> Client::apply(Resource resource, json object, ApplyOptions options,
                              Deadline deadline) {
    return send_for_json(apply_request(resource, object, options), deadline);
}

awaitable<void> Client::apply_unseen(Resource resource, json object, ApplyOptions options,
                                     Deadline deadline) {
    const HttpResponse response = co_await send(apply_request(resource, object, options), deadline);
    if (!is_success(response.status)) throw error_from_response(response);
}

awaitable<json> Client::merge_patch(Resource resource, json patch, WriteOptions options,
                                    Deadline deadline) {
    return send_for_json(merge_patch_request(resource, patch, options), deadline);
}

awaitable<bool> Client::remove(Resource resource, DeleteOptions options, Deadline deadline) {
    const HttpResponse response = co_await send(delete_request(resource, options), deadline);
    if (response.status == 404) co_return false;
    if (!is_success(response.status)) throw error_from_response(response);
    co_return true;
}

awaitable<json> Client::raw_get(std::string target, Deadline deadline) {
    return send_for_json(raw_get_request(std::move(target)), deadline);
}

awaitable<std::string> Client::raw_text(std::string target, Deadline deadline) {
    HttpRequest request = raw_get_request(std::move(target));
    request.headers.front().value = "*/*";
    HttpResponse response = co_await send(std::move(request), deadline);
    if (!is_success(response.status)) throw error_from_response(response);
    co_return std::move(response.body);
}

awaitable<json> Client::send_for_json(HttpRequest request, Deadline deadline) {
    const HttpResponse response = co_await send(std::move(request), deadline);
    if (!is_success(response.status)) throw error_from_response(response);
    co_return parse(response.body);
}

// Any response but those that ask to come back later. One 401 may mean a rotated credential.
awaitable<HttpResponse> Client::send(HttpRequest request, Deadline deadline) {
    bool has_new_credential = false;
    for (int retries = 0;; ++retries) {
        HttpResponse response = co_await send_once(request, deadline);
        if (response.status == 401 && !has_new_credential) {
            has_new_credential = true;
            credentials_.forget();
            continue;
        }
        const bool is_busy = response.status == 429 || response.status == 503;
        if (!is_busy || retries == kRetriesMax) co_return response;
        const auto pause = error_from_response(response).retry_after();
        if (!pause || *pause >= deadline.time_left()) co_return response;
        co_await clock_.sleep_for(*pause);
    }
}

awaitable<HttpResponse> Client::send_once(HttpRequest request, Deadline deadline) {
    co_await authorize(request, deadline);
    const std::string method = request.method;
    const auto since = Deadline::Clock::now();
    try {
        HttpResponse response = co_await transport_.send(std::move(request), deadline);
        observe(method, std::to_string(response.status), since);
        co_return response;
    } catch (...) {
        if (!is_cancellation(std::current_exception())) observe(method, "<error>", since);
        throw;
    }
}

awaitable<void> Client::authorize(HttpRequest& request, Deadline deadline) {
    Credential credential = co_await credentials_.current(deadline);
    transport_.use_tls(credential.tls);
    if (!credential.authorization.empty()) {
        request.headers.push_back({"Authorization", std::move(credential.authorization)});
    }
}

void Client::observe(std::string_view method, std::string_view code,
                     Deadline::Clock::time_point since) {
    if (observer_) observer_->on_request(method, code, Deadline::Clock::now() - since);
}

}  // namespace chatflow::kube
