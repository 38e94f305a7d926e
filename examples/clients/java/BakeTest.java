import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;

class BakeTest {
    static Process server;
    static URI endpoint;
    Ec2Client ec2;
    String instance;

    /** Starts a server of our own, in which nothing takes time. */
    @BeforeAll
    static void start() throws Exception {
        server = new ProcessBuilder(System.getenv("AWSTEST_SERVER"), "-port", "0", "-time", "instant")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = server.inputReader().readLine();
        endpoint = URI.create(line.substring("export AWS_ENDPOINT_URL=".length()));
    }

    @AfterAll
    static void stop() throws Exception {
        server.destroy();
        server.waitFor();
    }

    /** Makes one of the requests that the server has beside AWS's. */
    static String control(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(endpoint.resolve("/_awstest/" + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    @BeforeEach
    void begin() throws Exception {
        control("POST", "reset", ""); // all is as it was at the start
        ec2 = Ec2Client.builder()
                .endpointOverride(endpoint)
                .region(Region.EU_WEST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("123456789012", "any")))
                .build();
        instance = ec2.describeInstances(r -> r.filters(f -> f.name("tag:Name").values("prepared")))
                .reservations().get(0).instances().get(0).instanceId();
    }

    @Test
    void anImageIsMadeOnce() throws Exception {
        String image = Bake.bake(ec2, instance, "web-42");
        assertEquals(image, Bake.bake(ec2, instance, "web-42"));
        assertEquals(1, control("GET", "calls", "").split("\"operation\": \"CreateImage\"", -1).length - 1);
    }

    @Test
    void whereTheAnswerIsLostTheNextRunTakesUpWhatIsThere() throws Exception {
        control("POST", "faults", """
                {"kind": "loseResponseForGood", "match": {"operation": "CreateImage"}}""");
        assertThrows(SdkClientException.class, () -> Bake.bake(ec2, instance, "web-42"));
        String image = Bake.bake(ec2, instance, "web-42");
        var images = ec2.describeImages(r -> r.owners("self").filters(f -> f.name("name").values("web-42"))).images();
        assertEquals(List.of(image), images.stream().map(i -> i.imageId()).toList());
    }

    @Test
    void anImageThatFailsIsAnError() throws Exception {
        control("POST", "faults", """
                {"kind": "failImages", "name": "web-42", "code": "Client.InternalError", "message": "No luck."}""");
        assertThrows(SdkClientException.class, () -> Bake.bake(ec2, instance, "web-42"));
    }
}
