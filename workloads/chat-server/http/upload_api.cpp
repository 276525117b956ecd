#include "workloads/chat-server/http/upload_api.hpp"

#include "workloads/chat-server/domain/multipart.hpp"
#include "workloads/chat-server/http/refusals.hpp"
#include "workloads/chat-server/http/tracing.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

using http::Request;
using http::Response;

// Pixels of the longer side; one for lists, one for looking at.
const std::vector<int>& thumbnail_sizes() {
    static const std::vector<int> sizes = {64, 256};
    return sizes;
}

bool has_thumbnails(const Upload& upload) {
    return upload.extension == "jpg" || upload.extension == "png";
}

Response no_such_file() { return http::problem(404, "There is no such file for you."); }

Response bad_form(std::string message) {
    return http::problem(400, "The form cannot be used.", {{"", std::move(message)}});
}

// The one file of the form.
std::expected<FormPart, Response> file_of(const Request& request) {
    auto form = parse_form(request.header("Content-Type").value_or(""), request.body);
    if (!form) return std::unexpected(bad_form(std::move(form.error())));
    if (form->size() != 1 || form->front().name != "file") {
        return std::unexpected(bad_form("must have one field, a file of the name \"file\""));
    }
    return std::move(form->front());
}

}  // namespace

void UploadApi::add_routes(http::Router& router, Gate& gate, Idempotency& idempotency) {
    using enum http::Method;
    using Handler = awaitable<Response> (UploadApi::*)(const Request&, const Identity&);
    const auto bound = [this, &gate](Handler member) {
        return gate.members([this, member](const Request& request, const Identity& who) {
            return (this->*member)(request, who);
        });
    };
    auto take = [this](const Request& request, const Identity& who, const Operation& operation) {
        return upload(request, who, operation);
    };
    auto repeat = [this](const Request& request, const Identity& who, std::string location) {
        return show_again(request, who, std::move(location));
    };
    router.add(Post, kUploadPath,
               gate.members(idempotency.once(std::move(take), std::move(repeat))));
    router.add(Get, "/api/v1/uploads/{upload}", bound(&UploadApi::show));
    router.add(Delete, "/api/v1/uploads/{upload}", bound(&UploadApi::remove));
    const std::string attachments = "/api/v1/rooms/{room}/messages/{seq}/attachments";
    router.add(Get, attachments, bound(&UploadApi::list));
    router.add(Put, attachments + "/{upload}", bound(&UploadApi::attach));
    // The signature is the permission: pictures are fetched by browsers and caches.
    router.add(Get, "/api/v1/files/{file}",
               [this](const Request& request) { return fetch(request); });
}

awaitable<Response> UploadApi::upload(const Request& request, const Identity& who,
                                      const Operation& operation) {
    if (!request.has_media_type("multipart/form-data")) {
        co_return http::problem(415, "Send the file as multipart/form-data.");
    }
    auto file = file_of(request);
    if (!file) co_return std::move(file.error());
    const auto kind = kind_of(file->content, file->media_type);
    if (!kind) {
        co_return http::problem(415, "The file is not of a kind that is taken.",
                                {{"file", kind.error()}});
    }
    const Upload upload{.id = operation.id,
                        .owner = who.user_id,
                        .name = harmless_name(file->file_name.value_or("")),
                        .media_type = std::string(kind->media_type),
                        .extension = std::string(kind->extension),
                        .bytes = static_cast<std::int64_t>(file->content.size()),
                        .width = kind->width,
                        .height = kind->height,
                        .room_id = {},
                        .seq = 0,
                        .created_at = {}};
    co_await uploads_.announce(upload, request.deadline);
    co_await store_.put(path_of(upload), std::string(file->content));
    const Upload stored = co_await uploads_.confirm(
        upload, kind->has_thumbnails ? thumbnail_sizes() : std::vector<int>{},
        traceparent_of(request), request.deadline);
    co_return made(stored);
}

// The addresses of the first answer are good for an hour or two, its key for a day.
awaitable<std::optional<Response>> UploadApi::show_again(const Request& request,
                                                         const Identity& who,
                                                         std::string location) {
    const auto upload = co_await uploads_.find(location.substr(location.rfind('/') + 1),
                                               postgres::kNewest, request.deadline);
    if (!upload || upload->owner != who.user_id) co_return std::nullopt;
    co_return made(*upload);
}

Response UploadApi::made(const Upload& upload) const {
    Response response = http::json(201, json_of(upload));
    response.headers.emplace_back("Location", std::string(kUploadPath) + "/" + upload.id);
    return response;
}

awaitable<Response> UploadApi::show(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "upload")) co_return std::move(*refusal);
    const auto upload = co_await uploads_.find(std::string(request.parameter("upload")),
                                               who.written, request.deadline);
    if (!upload) co_return no_such_file();
    if (upload->owner != who.user_id) {
        if (upload->room_id.empty()) co_return no_such_file();
        const auto found = co_await messages_.find(upload->room_id, upload->seq, who.user_id,
                                                   who.written, request.deadline);
        if (!found || !may_read(found->access)) co_return no_such_file();
    }
    co_return http::json(200, json_of(*upload));
}

// Removed twice is removed: a client that got no answer asks again.
awaitable<Response> UploadApi::remove(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "upload")) co_return std::move(*refusal);
    const std::string id(request.parameter("upload"));
    const auto upload = co_await uploads_.find(id, postgres::kNewest, request.deadline);
    if (!upload || upload->owner != who.user_id) co_return no_such_file();
    co_await uploads_.remove(id, request.deadline);
    co_return Response{.status = 204};
}

awaitable<Response> UploadApi::attach(const Request& request, const Identity& who) {
    auto place = place_of(request);
    if (!place) co_return std::move(place.error());
    if (auto refusal = refuse_id(request, "upload")) co_return std::move(*refusal);
    const std::string id(request.parameter("upload"));
    const auto upload = co_await uploads_.find(id, postgres::kNewest, request.deadline);
    if (!upload || upload->owner != who.user_id) co_return no_such_file();
    const auto& [room, seq] = *place;
    const auto found =
        co_await messages_.find(room, seq, who.user_id, postgres::kNewest, request.deadline);
    if (!found) co_return no_such_room();
    // A file is part of its message: who may edit the one may attach the other.
    if (const auto refusal = refusal_of(MessageAction::Edit, *found, who.user_id)) {
        co_return http::problem(refusal->status, refusal->detail);
    }
    switch (co_await uploads_.attach(id, room, seq, request.deadline)) {
        case UploadRepository::Attached::Elsewhere:
            co_return http::problem(409, "The file is attached to another message.");
        case UploadRepository::Attached::TooMany:
            co_return http::problem(409, "A message has " +
                                             std::to_string(UploadRepository::kAttachmentsMax) +
                                             " attachments at most.");
        case UploadRepository::Attached::Done:
            break;
    }
    co_return Response{.status = 204};
}

awaitable<Response> UploadApi::list(const Request& request, const Identity& who) {
    auto place = place_of(request);
    if (!place) co_return std::move(place.error());
    const auto& [room, seq] = *place;
    const auto found =
        co_await messages_.find(room, seq, who.user_id, who.written, request.deadline);
    if (!found || !may_read(found->access)) co_return no_such_room();
    const auto uploads = co_await uploads_.of_message(room, seq, who.written, request.deadline);
    std::string json = R"({"attachments":[)";
    for (const Upload& upload : uploads) {
        if (&upload != &uploads.front()) json += ',';
        json += json_of(upload);
    }
    co_return http::json(200, json + "]}");
}

// What a name stands for never changes, so whoever holds a copy need not ask again.
awaitable<Response> UploadApi::fetch(const Request& request) {
    const std::string name(request.parameter("file"));
    const auto verdict =
        check_link(name, request.query_value("expires").value_or(""),
                   request.query_value("signature").value_or(""), secrets_, clock_.now());
    if (verdict == LinkVerdict::Expired) {
        co_return http::problem(410, "The address has expired: ask for the file's new one.");
    }
    const std::string path = path_of_name(name);
    if (verdict == LinkVerdict::Forged || path.empty()) {
        co_return http::problem(403, "The address is not one that was given out.");
    }
    if (auto address = store_.address_of(path)) {
        Response away{.status = 302};
        away.headers.emplace_back("Location", std::move(*address));
        away.headers.emplace_back("Cache-Control", "private, max-age=600");
        co_return away;
    }
    const std::string tag = "\"" + name + "\"";
    Response response{.status = 304};
    if (request.header("If-None-Match").value_or("") != tag) {
        auto content = co_await store_.open(path);
        if (!content) co_return no_such_file();  // also a thumbnail that is not made yet
        response.status = 200;
        response.content_type = media_type_of_name(name);
        response.source = std::move(content);
    }
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Cache-Control", "public, max-age=3600, immutable");
    // Whatever a browser makes of it, it does nothing in our name.
    response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; sandbox");
    if (name.ends_with(".pdf")) response.headers.emplace_back("Content-Disposition", "attachment");
    co_return response;
}

std::string UploadApi::link_to(const std::string& name) const {
    return "/api/v1/files/" + name + link_query(name, secrets_, clock_.now());
}

std::string UploadApi::json_of(const Upload& upload) const {
    nlohmann::ordered_json json{{"id", upload.id},
                                {"owner", upload.owner},
                                {"name", upload.name},
                                {"media_type", upload.media_type},
                                {"bytes", upload.bytes}};
    if (upload.width > 0) {
        json["width"] = upload.width;
        json["height"] = upload.height;
    }
    json["url"] = link_to(upload.id + "." + upload.extension);
    json["thumbnails"] = nlohmann::ordered_json::array();
    for (const int size : thumbnail_sizes()) {
        if (!has_thumbnails(upload)) break;
        json["thumbnails"].push_back(
            {{"size", size}, {"url", link_to(upload.id + "." + std::to_string(size) + ".jpg")}});
    }
    if (upload.seq > 0) {
        json["room_id"] = upload.room_id;
        json["seq"] = upload.seq;
    }
    json["created_at"] = upload.created_at;
    return json.dump();
}

}  // namespace chatflow::chat
