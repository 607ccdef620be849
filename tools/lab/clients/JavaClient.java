// Asks https://www.example.com/NAME/ once a second, by one of Java's clients: KIND NAME.

import java.io.FileInputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class JavaClient {
    public static void main(String[] arguments) throws Exception {
        SSLContext.setDefault(trusting(System.getenv("AUTHORITIES")));
        URI address = URI.create("https://www.example.com/" + arguments[1] + "/");
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (;;) {
            try {
                if (arguments[0].equals("HttpClient")) {
                    HttpRequest request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(10)).build();
                    client.send(request, HttpResponse.BodyHandlers.ofString());
                } else {
                    HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
                    connection.setConnectTimeout(10_000);
                    var body = connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream();
                    body.readAllBytes();
                    body.close();
                }
            } catch (Exception error) {
                System.out.println(error);
            }
            Thread.sleep(1000);
        }
    }

    private static SSLContext trusting(String file) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var input = new FileInputStream(file)) {
            store.setCertificateEntry("lab", CertificateFactory.getInstance("X.509").generateCertificate(input));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
